// What the parts of the shim share: argument tags, borrowed and owned tensors, and the error of the thread.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/version.h>

#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#define TORCH_AT_LEAST(major, minor) \
    (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

#define SHIM_EXPORT extern "C" __attribute__((visibility("default")))

namespace shim {

#if TORCH_AT_LEAST(2, 4)
template <class T>
using Optional = std::optional<T>;
#else
template <class T>
using Optional = c10::optional<T>;
#endif

// What a managed argument or a native result holds. Argument.cs has the same list.
enum Tag : int32_t {
    kNone = 0,
    kTensor = 1,
    kInt = 2,
    kDouble = 3,
    kBool = 4,
    kInts = 5,
    kDoubles = 6,
    kTensors = 7,
    kString = 8,
    kDevice = 9,
    kGenerator = 10,
    kDefault = 11,
};

// One tagged value. Lists and strings are a pointer and a count; a device is its type in `count` and its index in `i`.
struct Value {
    int32_t tag;
    int32_t count;
    union {
        int64_t i;
        double d;
        void* p;
    };
};
static_assert(sizeof(Value) == 16, "the managed side lays Value out in 16 bytes");

inline Value int_value(int64_t i) {
    Value v{kInt, 0, {0}};
    v.i = i;
    return v;
}

inline Value pointer_value(Tag tag, void* p, int32_t count = 0) {
    Value v{tag, count, {0}};
    v.p = p;
    return v;
}

// A handle is an owned TensorImpl*, so that a tensor needs no box of its own.
using Impl = c10::intrusive_ptr<at::TensorImpl, c10::UndefinedTensorImpl>;

// Takes one more reference to the tensor behind a handle; the handle keeps its own. No handle gives an undefined tensor.
inline at::Tensor borrow(void* handle) {
    if (handle == nullptr) {
        return at::Tensor();
    }
    auto* impl = static_cast<at::TensorImpl*>(handle);
    c10::raw::intrusive_ptr::incref(impl);
    return at::Tensor(Impl::reclaim(impl));
}

// Hands the tensor's reference over to the caller.
inline void* release(at::Tensor tensor) {
    return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

inline std::vector<at::Tensor> borrow_all(void** handles, int32_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int32_t i = 0; i < count; i++) {
        tensors.push_back(borrow(handles[i]));
    }
    return tensors;
}

// Keeps the message for shim_last_error on this thread.
void set_error(const char* message) noexcept;

// Runs the body of an entry point; whatever it throws becomes the thread's error and `failed` is returned.
template <class R, class Body>
R guarded(R failed, Body&& body) noexcept {
    try {
        return body();
    } catch (const c10::Error& error) {
        set_error(error.what_without_backtrace());
    } catch (const std::exception& error) {
        set_error(error.what());
    } catch (...) {
        set_error("unknown native exception");
    }
    return failed;
}

// The same for an entry point that returns 0, or -1 when it failed.
template <class Body>
int32_t guarded_status(Body&& body) noexcept {
    return guarded<int32_t>(-1, [&]() -> int32_t {
        body();
        return 0;
    });
}

}  // namespace shim
