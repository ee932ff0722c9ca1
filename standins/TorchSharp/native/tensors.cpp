// What is not an operator: a tensor's description and life, autograd, generators, threads and switches.
#include "shim.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>
#include <dlfcn.h>
#include <torch/csrc/api/include/torch/cuda.h>
#include <torch/csrc/autograd/autograd.h>

#include <mutex>

using at::Tensor;

namespace shim {

namespace {
thread_local std::string last_error;
}  // namespace

void set_error(const char* message) noexcept {
    try {
        last_error = message;
    } catch (...) {
        last_error.clear();
    }
}

// A tensor's description. TensorInfo.cs has the same layout.
struct TensorInfo {
    void* data;
    const int64_t* sizes;
    const int64_t* strides;
    int64_t elements;
    int64_t storage_offset;
    int32_t dimensions;
    int32_t dtype;
    int32_t device_type;
    int32_t device_index;
    int32_t element_size;
    int32_t requires_grad;
    int32_t is_leaf;
    int32_t is_contiguous;
    int32_t is_sparse;
    int32_t is_conjugate;
};

static c10::Device device_of(int32_t type, int32_t index) {
    return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

static torch::autograd::variable_list gradients_of(void** handles, int32_t count) {
    return count == 0 ? torch::autograd::variable_list() : borrow_all(handles, count);
}

}  // namespace shim

using namespace shim;

SHIM_EXPORT const char* shim_last_error() { return last_error.c_str(); }

// libtorch's version, as major * 100 + minor.
SHIM_EXPORT int32_t shim_torch_version() { return TORCH_VERSION_MAJOR * 100 + TORCH_VERSION_MINOR; }

SHIM_EXPORT const char* shim_torch_version_text() { return TORCH_VERSION; }

// ---- tensors ----

SHIM_EXPORT void shim_tensor_free(void* handle) {
    guarded_status([&] { Impl::reclaim(static_cast<at::TensorImpl*>(handle)); });
}

// One more handle to the same tensor.
SHIM_EXPORT void* shim_tensor_alias(void* handle) {
    return guarded<void*>(nullptr, [&] { return release(borrow(handle)); });
}

SHIM_EXPORT int32_t shim_tensor_info(void* handle, TensorInfo* info) {
    return guarded_status([&] {
        Tensor tensor = borrow(handle);
        const bool strided = tensor.layout() == at::kStrided;
        *info = TensorInfo{};
        info->data = strided && tensor.has_storage() ? tensor.data_ptr() : nullptr;
        // Sizes and strides live in the tensor itself, which the caller's handle keeps.
        info->sizes = tensor.sizes().data();
        info->strides = strided ? tensor.strides().data() : nullptr;
        info->elements = tensor.numel();
        info->storage_offset = strided ? tensor.storage_offset() : 0;
        info->dimensions = static_cast<int32_t>(tensor.dim());
        info->dtype = static_cast<int32_t>(tensor.scalar_type());
        info->device_type = static_cast<int32_t>(tensor.device().type());
        info->device_index = tensor.device().index();
        info->element_size = static_cast<int32_t>(tensor.element_size());
        info->requires_grad = tensor.requires_grad();
        info->is_leaf = tensor.is_leaf();
        info->is_contiguous = strided && tensor.is_contiguous();
        info->is_sparse = tensor.is_sparse();
        info->is_conjugate = tensor.is_conj();
    });
}

// A tensor on the host over memory of the caller, who hears through `deleter` when it is no longer used.
SHIM_EXPORT void* shim_tensor_from_memory(
    void* data, const int64_t* sizes, int32_t dimensions, int32_t dtype, void (*deleter)(void*), void* context) {
    return guarded<void*>(nullptr, [&] {
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).device(at::kCPU);
        return release(at::from_blob(
            data, at::IntArrayRef(sizes, dimensions), [deleter, context](void*) { deleter(context); }, options));
    });
}

// ---- autograd ----

SHIM_EXPORT int32_t shim_tensor_set_requires_grad(void* handle, int32_t on) {
    return guarded_status([&] { borrow(handle).set_requires_grad(on != 0); });
}

// The gradient, or null when there is none; `failed` tells that from an error.
SHIM_EXPORT void* shim_tensor_grad(void* handle, int32_t* failed) {
    *failed = 1;
    return guarded<void*>(nullptr, [&] {
        void* gradient = release(borrow(handle).grad());
        *failed = 0;
        return gradient;
    });
}

SHIM_EXPORT int32_t shim_tensor_set_grad(void* handle, void* gradient) {
    return guarded_status([&] { borrow(handle).mutable_grad() = borrow(gradient); });
}

SHIM_EXPORT int32_t shim_tensor_retain_grad(void* handle) {
    return guarded_status([&] { borrow(handle).retain_grad(); });
}

SHIM_EXPORT int32_t shim_autograd_backward(
    void** tensors, int32_t count, void** gradients, int32_t gradient_count, int32_t retain_graph, int32_t create_graph,
    void** inputs, int32_t input_count) {
    return guarded_status([&] {
        torch::autograd::backward(
            borrow_all(tensors, count), gradients_of(gradients, gradient_count), retain_graph != 0, create_graph != 0,
            borrow_all(inputs, input_count));
    });
}

SHIM_EXPORT int32_t shim_autograd_grad(
    void** outputs, int32_t count, void** inputs, int32_t input_count, void** gradients, int32_t gradient_count,
    int32_t retain_graph, int32_t create_graph, int32_t allow_unused, void** returned) {
    return guarded_status([&] {
        auto result = torch::autograd::grad(
            borrow_all(outputs, count), borrow_all(inputs, input_count), gradients_of(gradients, gradient_count),
            retain_graph != 0, create_graph != 0, allow_unused != 0);
        for (int32_t i = 0; i < input_count; i++) {
            returned[i] = release(std::move(result[i]));
        }
    });
}

SHIM_EXPORT int32_t shim_grad_mode() { return at::GradMode::is_enabled(); }

SHIM_EXPORT void shim_set_grad_mode(int32_t on) { at::GradMode::set_enabled(on != 0); }

// The guard must end on the thread that began it, and before any that was there already.
SHIM_EXPORT void* shim_inference_mode_begin(int32_t on) {
    return guarded<void*>(nullptr, [&]() -> void* { return new c10::InferenceMode(on != 0); });
}

SHIM_EXPORT void shim_inference_mode_end(void* guard) {
    guarded_status([&] { delete static_cast<c10::InferenceMode*>(guard); });
}

SHIM_EXPORT int32_t shim_inference_mode() { return c10::InferenceMode::is_enabled(); }

// ---- random numbers ----

SHIM_EXPORT int32_t shim_manual_seed(int64_t seed) {
    return guarded_status([&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

// The process's generator of a device, as one more reference to it.
SHIM_EXPORT void* shim_generator_default(int32_t device_type, int32_t device_index) {
    return guarded<void*>(nullptr, [&]() -> void* {
        return new at::Generator(at::globalContext().defaultGenerator(device_of(device_type, device_index)));
    });
}

SHIM_EXPORT void* shim_generator_new(int64_t seed, int32_t device_type, int32_t device_index) {
    return guarded<void*>(nullptr, [&]() -> void* {
        at::Generator generator;
        if (device_type == static_cast<int32_t>(at::kCPU)) {
            generator = at::detail::createCPUGenerator(static_cast<uint64_t>(seed));
        } else {
            auto& original = at::globalContext().defaultGenerator(device_of(device_type, device_index));
            generator = original.clone();
            generator.set_current_seed(static_cast<uint64_t>(seed));
        }
        return new at::Generator(std::move(generator));
    });
}

SHIM_EXPORT void shim_generator_free(void* generator) {
    guarded_status([&] { delete static_cast<at::Generator*>(generator); });
}

SHIM_EXPORT int32_t shim_generator_set_seed(void* generator, int64_t seed) {
    return guarded_status([&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        g.set_current_seed(static_cast<uint64_t>(seed));
    });
}

// The generator's seed; with `fresh`, after it has taken a new one from the system.
SHIM_EXPORT int32_t shim_generator_seed(void* generator, int32_t fresh, int64_t* seed) {
    return guarded_status([&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        *seed = static_cast<int64_t>(fresh ? g.seed() : g.current_seed());
    });
}

SHIM_EXPORT void* shim_generator_state(void* generator) {
    return guarded<void*>(nullptr, [&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        return release(g.get_state());
    });
}

SHIM_EXPORT int32_t shim_generator_set_state(void* generator, void* state) {
    return guarded_status([&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        g.set_state(borrow(state));
    });
}

// ---- threads, switches, devices ----

// Sets the threads of libtorch's own loops and, where OpenBLAS is its BLAS and `blas_too`, those of the matrix products.
SHIM_EXPORT int32_t shim_set_threads(int32_t count, int32_t blas_too) {
    return guarded_status([&] {
        at::set_num_threads(count);
        if (!blas_too) {
            return;
        }
        auto set_blas_threads = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
        if (set_blas_threads != nullptr) {
            set_blas_threads(count);
        }
    });
}

SHIM_EXPORT int32_t shim_threads() {
    return guarded<int32_t>(-1, [] { return at::get_num_threads(); });
}

SHIM_EXPORT int32_t shim_set_interop_threads(int32_t count) {
    return guarded_status([&] { at::set_num_interop_threads(count); });
}

SHIM_EXPORT int32_t shim_interop_threads() {
    return guarded<int32_t>(-1, [] { return static_cast<int32_t>(at::get_num_interop_threads()); });
}

// Shim.cs has the same list.
enum Switch : int32_t {
    kTf32Matmul = 0,
    kTf32Cudnn = 1,
    kFlashAttention = 2,
    kMathAttention = 3,
};

SHIM_EXPORT int32_t shim_switch(int32_t which) {
    return guarded<int32_t>(-1, [&]() -> int32_t {
        auto& context = at::globalContext();
        switch (which) {
            case kTf32Matmul:
                return context.allowTF32CuBLAS();
            case kTf32Cudnn:
                return context.allowTF32CuDNN();
#if TORCH_AT_LEAST(2, 0)
            case kFlashAttention:
                return context.userEnabledFlashSDP();
            case kMathAttention:
                return context.userEnabledMathSDP();
#else
            case kFlashAttention:
                return 0;
            case kMathAttention:
                return 1;
#endif
            default:
                TORCH_CHECK(false, "no switch ", which);
        }
    });
}

SHIM_EXPORT int32_t shim_set_switch(int32_t which, int32_t value) {
    return guarded_status([&] {
        auto& context = at::globalContext();
        switch (which) {
            case kTf32Matmul:
                context.setAllowTF32CuBLAS(value != 0);
                break;
            case kTf32Cudnn:
                context.setAllowTF32CuDNN(value != 0);
                break;
#if TORCH_AT_LEAST(2, 0)
            case kFlashAttention:
                context.setSDPUseFlash(value != 0);
                break;
            case kMathAttention:
                context.setSDPUseMath(value != 0);
                break;
#endif
            default:
                TORCH_CHECK(false, "this libtorch has no switch ", which);
        }
    });
}

SHIM_EXPORT int32_t shim_cuda_device_count() {
    return guarded<int32_t>(0, [] { return static_cast<int32_t>(torch::cuda::device_count()); });
}

SHIM_EXPORT int32_t shim_cudnn_available() {
    return guarded<int32_t>(0, [] { return static_cast<int32_t>(torch::cuda::cudnn_is_available()); });
}

SHIM_EXPORT int32_t shim_cuda_manual_seed(int64_t seed, int32_t all_devices) {
    return guarded_status([&] {
        if (all_devices) {
            torch::cuda::manual_seed_all(static_cast<uint64_t>(seed));
        } else {
            torch::cuda::manual_seed(static_cast<uint64_t>(seed));
        }
    });
}

SHIM_EXPORT int32_t shim_cuda_synchronize(int64_t device_index) {
    return guarded_status([&] { torch::cuda::synchronize(device_index); });
}
