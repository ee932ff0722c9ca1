// AdamW on the host in one pass over each parameter, instead of the ten or so that its operators would make.
#include "shim.h"

#include <ATen/Parallel.h>

#include <cmath>

using at::Tensor;
using namespace shim;

namespace {

bool plain(const Tensor& tensor) {
    return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.layout() == at::kStrided &&
        tensor.is_non_overlapping_and_dense();
}

// The four tensors are walked in memory order, so they must share one order.
bool fits(const Tensor& parameter, const Tensor& other) {
    return plain(other) && other.sizes() == parameter.sizes() && other.strides() == parameter.strides();
}

}  // namespace

// Whether shim_adamw_step takes these: fp32, dense, on the host, one memory layout.
SHIM_EXPORT int32_t shim_adamw_fits(void* parameter, void* gradient, void* exp_avg, void* exp_avg_sq) {
    return guarded<int32_t>(0, [&]() -> int32_t {
        Tensor p = borrow(parameter);
        return plain(p) && fits(p, borrow(gradient)) && fits(p, borrow(exp_avg)) && fits(p, borrow(exp_avg_sq));
    });
}

// One step of Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2, for each parameter.
// `steps` counts from 1.
SHIM_EXPORT int32_t shim_adamw_step(
    void** parameters, void** gradients, void** exp_avgs, void** exp_avg_sqs, const int64_t* steps, int32_t count,
    double learning_rate, double beta1, double beta2, double eps, double weight_decay, int32_t maximize) {
    return guarded_status([&] {
        const float decay = static_cast<float>(1 - learning_rate * weight_decay);
        const float keep1 = static_cast<float>(beta1), take1 = static_cast<float>(1 - beta1);
        const float keep2 = static_cast<float>(beta2), take2 = static_cast<float>(1 - beta2);
        const float epsilon = static_cast<float>(eps), sign = maximize ? -1.0f : 1.0f;
        for (int32_t k = 0; k < count; k++) {
            Tensor parameter = borrow(parameters[k]), gradient = borrow(gradients[k]);
            Tensor exp_avg = borrow(exp_avgs[k]), exp_avg_sq = borrow(exp_avg_sqs[k]);
            TORCH_CHECK(
                plain(parameter) && fits(parameter, gradient) && fits(parameter, exp_avg) && fits(parameter, exp_avg_sq),
                "AdamW in one pass is for dense fp32 tensors of one layout on the host");
            const double correction1 = 1 - std::pow(beta1, static_cast<double>(steps[k]));
            const double correction2 = 1 - std::pow(beta2, static_cast<double>(steps[k]));
            const float step_size = static_cast<float>(learning_rate / correction1);
            const float root_correction = static_cast<float>(std::sqrt(correction2));
            float* __restrict__ p = parameter.data_ptr<float>();
            const float* __restrict__ g = gradient.data_ptr<float>();
            float* __restrict__ m = exp_avg.data_ptr<float>();
            float* __restrict__ v = exp_avg_sq.data_ptr<float>();
            at::parallel_for(0, parameter.numel(), 32768, [&](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; i++) {
                    const float gradient_i = sign * g[i];
                    m[i] = keep1 * m[i] + take1 * gradient_i;
                    v[i] = keep2 * v[i] + take2 * gradient_i * gradient_i;
                    p[i] = decay * p[i] - step_size * m[i] / (std::sqrt(v[i]) / root_correction + epsilon);
                }
            });
            for (auto* written : {&parameter, &exp_avg, &exp_avg_sq}) {
                written->unsafeGetTensorImpl()->bump_version();
            }
        }
    });
}
