using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Functions of the elements of two tensors, or of a tensor and a number.
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Call.One(Aten.add_Tensor, this, target);

        public Tensor add(Scalar scalar) => Call.One(Aten.add_Scalar, this, scalar);

        public Tensor add_(Tensor target) => Call.InPlace(Aten.add__Tensor, this, target);

        public Tensor add_(Scalar scalar) => Call.InPlace(Aten.add__Scalar, this, scalar);

        public Tensor sub(Tensor target) => Call.One(Aten.sub_Tensor, this, target);

        public Tensor sub(Scalar target) => Call.One(Aten.sub_Scalar, this, target);

        public Tensor sub_(Tensor target) => Call.InPlace(Aten.sub__Tensor, this, target);

        public Tensor sub_(Scalar target) => Call.InPlace(Aten.sub__Scalar, this, target);

        public Tensor subtract(Tensor target) => Call.One(Aten.subtract_Tensor, this, target);

        public Tensor subtract(Scalar target) => Call.One(Aten.subtract_Scalar, this, target);

        public Tensor subtract_(Tensor target) => Call.InPlace(Aten.subtract__Tensor, this, target);

        public Tensor subtract_(Scalar target) => Call.InPlace(Aten.subtract__Scalar, this, target);

        public Tensor mul(Tensor target) => Call.One(Aten.mul_Tensor, this, target);

        public Tensor mul(Scalar target) => Call.One(Aten.mul_Scalar, this, target);

        public Tensor mul_(Tensor target) => Call.InPlace(Aten.mul__Tensor, this, target);

        public Tensor mul_(Scalar target) => Call.InPlace(Aten.mul__Scalar, this, target);

        public Tensor multiply(Tensor target) => Call.One(Aten.multiply_Tensor, this, target);

        public Tensor multiply(Scalar target) => Call.One(Aten.multiply_Scalar, this, target);

        public Tensor add(Tensor target, Scalar alpha) => Call.One(Aten.add_Tensor, this, target, alpha);

        public Tensor add(Scalar scalar, Scalar alpha) => Call.One(Aten.add_Scalar, this, scalar, alpha);

        public Tensor add_(Tensor target, Scalar alpha) => Call.InPlace(Aten.add__Tensor, this, target, alpha);

        public Tensor add_(Scalar scalar, Scalar alpha) => Call.InPlace(Aten.add__Scalar, this, scalar, alpha);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Call.One(Aten.div_Tensor_mode, this, target, Rounding(rounding_mode));

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Call.One(Aten.div_Scalar_mode, this, target, Rounding(rounding_mode));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Call.InPlace(Aten.div__Tensor_mode, this, target, Rounding(rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Call.InPlace(Aten.div__Scalar_mode, this, target, Rounding(rounding_mode));

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Call.One(Aten.divide_Tensor_mode, this, target, Rounding(rounding_mode));

        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Call.One(Aten.divide_Scalar_mode, this, target, Rounding(rounding_mode));

        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Call.InPlace(Aten.divide__Tensor_mode, this, target, Rounding(rounding_mode));

        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Call.InPlace(Aten.divide__Scalar_mode, this, target, Rounding(rounding_mode));

        public Tensor true_divide(Tensor other) => Call.One(Aten.true_divide_Tensor, this, other);

        public Tensor true_divide(Scalar other) => Call.One(Aten.true_divide_Scalar, this, other);

        public Tensor true_divide_(Tensor other) => Call.InPlace(Aten.true_divide__Tensor, this, other);

        public Tensor true_divide_(Scalar other) => Call.InPlace(Aten.true_divide__Scalar, this, other);

        public Tensor floor_divide(Tensor other) => Call.One(Aten.floor_divide, this, other);

        public Tensor floor_divide(Scalar other) => Call.One(Aten.floor_divide_Scalar, this, other);

        public Tensor floor_divide_(Tensor other) => Call.InPlace(Aten.floor_divide__Tensor, this, other);

        public Tensor floor_divide_(Scalar other) => Call.InPlace(Aten.floor_divide__Scalar, this, other);

        public Tensor fmod(Tensor target) => Call.One(Aten.fmod_Tensor, this, target);

        public Tensor fmod(Scalar scalar) => Call.One(Aten.fmod_Scalar, this, scalar);

        public Tensor fmod_(Tensor target) => Call.InPlace(Aten.fmod__Tensor, this, target);

        public Tensor fmod_(Scalar scalar) => Call.InPlace(Aten.fmod__Scalar, this, scalar);

        public Tensor remainder(Tensor target) => Call.One(Aten.remainder_Tensor, this, target);

        public Tensor remainder(Scalar scalar) => Call.One(Aten.remainder_Scalar, this, scalar);

        public Tensor remainder_(Tensor target) => Call.InPlace(Aten.remainder__Tensor, this, target);

        public Tensor remainder_(Scalar scalar) => Call.InPlace(Aten.remainder__Scalar, this, scalar);

        public Tensor pow(Tensor exponent) => Call.One(Aten.pow_Tensor_Tensor, this, exponent);

        public Tensor pow(Scalar exponent) => Call.One(Aten.pow_Tensor_Scalar, this, exponent);

        public Tensor pow_(Tensor exponent) => Call.InPlace(Aten.pow__Tensor, this, exponent);

        public Tensor pow_(Scalar exponent) => Call.InPlace(Aten.pow__Scalar, this, exponent);

        public Tensor float_power(Tensor target) => Call.One(Aten.float_power_Tensor_Tensor, this, target);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Call.One(Aten.addcmul, this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Call.InPlace(Aten.addcmul_, this, tensor1, tensor2, value);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Call.One(Aten.addcdiv, this, tensor1, tensor2, value);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Call.One(Aten.addcdiv, this, tensor1, tensor2);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Call.InPlace(Aten.addcdiv_, this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Call.InPlace(Aten.addcdiv_, this, tensor1, tensor2);

        public Tensor lerp(Tensor end, Tensor weight) => Call.One(Aten.lerp_Tensor, this, end, weight);

        public Tensor lerp_(Tensor end, Tensor weight) => Call.InPlace(Aten.lerp__Tensor, this, end, weight);

        public Tensor atan2(Tensor other) => Call.One(Aten.atan2, this, other);

        public Tensor atan2_(Tensor other) => Call.InPlace(Aten.atan2_, this, other);

        public Tensor arctan2(Tensor other) => Call.One(Aten.arctan2, this, other);

        public Tensor hypot(Tensor other) => Call.One(Aten.hypot, this, other);

        public Tensor copysign(Tensor other) => Call.One(Aten.copysign_Tensor, this, other);

        public Tensor logaddexp(Tensor other) => Call.One(Aten.logaddexp, this, other);

        public Tensor logaddexp2(Tensor other) => Call.One(Aten.logaddexp2, this, other);

        public Tensor xlogy(Tensor y) => Call.One(Aten.xlogy_Tensor, this, y);

        public Tensor xlogy(Scalar y) => Call.One(Aten.xlogy_Scalar_Other, this, y);

        public Tensor heaviside(Tensor other) => Call.One(Aten.heaviside, this, other);

        public Tensor ldexp(Tensor other) => Call.One(Aten.ldexp_Tensor, this, other);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Call.One(Aten.clamp, this, min, max);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Call.One(Aten.clamp_Tensor, this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Call.InPlace(Aten.clamp_, this, min, max);

        public Tensor clamp_(Tensor? min = null, Tensor? max = null) =>
            Call.InPlace(Aten.clamp__Tensor, this, min, max);

        public Tensor clamp_max(Scalar max) => Call.One(Aten.clamp_max, this, max);

        public Tensor clamp_max_(Scalar max) => Call.InPlace(Aten.clamp_max_, this, max);

        public Tensor clamp_min(Scalar min) => Call.One(Aten.clamp_min, this, min);

        public Tensor clamp_min_(Scalar min) => Call.InPlace(Aten.clamp_min_, this, min);

        public Tensor clip(Scalar? min = null, Scalar? max = null) => Call.One(Aten.clip, this, min, max);

        public Tensor maximum(Tensor other) => Call.One(Aten.maximum, this, other);

        public Tensor minimum(Tensor other) => Call.One(Aten.minimum, this, other);

        public Tensor fmax(Tensor other) => Call.One(Aten.fmax, this, other);

        public Tensor fmin(Tensor other) => Call.One(Aten.fmin, this, other);

        public Tensor max(Tensor other) => Call.One(Aten.max_other, this, other);

        public Tensor min(Tensor other) => Call.One(Aten.min_other, this, other);

        public Tensor prelu(Tensor target) => Call.One(Aten.prelu, this, target);

        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) =>
            Call.One(Aten.elu, this, alpha, scale, input_scale);

        public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) =>
            Call.InPlace(Aten.elu_, this, alpha, scale, input_scale);

        public Tensor celu() => Call.One(Aten.celu, this);

        public Tensor celu_() => Call.InPlace(Aten.celu_, this);

        public Tensor leaky_relu(Scalar negative_slope) => Call.One(Aten.leaky_relu, this, negative_slope);

        public Tensor leaky_relu_(Scalar negative_slope) => Call.InPlace(Aten.leaky_relu_, this, negative_slope);

        public Tensor hardtanh(Scalar min, Scalar max) => Call.One(Aten.hardtanh, this, min, max);

        public Tensor hardtanh_(Scalar min, Scalar max) => Call.InPlace(Aten.hardtanh_, this, min, max);

        private static string Rounding(RoundingMode mode) => mode switch
        {
            RoundingMode.trunc => "trunc",
            RoundingMode.floor => "floor",
            _ => null,
        };
    }
}
