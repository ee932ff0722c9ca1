using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Functions of each element.
    public partial class Tensor
    {
        public Tensor abs() => Call.One(Aten.abs, this);

        public Tensor absolute() => Call.One(Aten.absolute, this);

        public Tensor neg() => Call.One(Aten.neg, this);

        public Tensor negative() => Call.One(Aten.negative, this);

        public Tensor sign() => Call.One(Aten.sign, this);

        public Tensor sgn() => Call.One(Aten.sgn, this);

        public Tensor exp() => Call.One(Aten.exp, this);

        public Tensor exp2() => Call.One(Aten.exp2, this);

        public Tensor expm1() => Call.One(Aten.expm1, this);

        public Tensor log() => Call.One(Aten.log, this);

        public Tensor log2() => Call.One(Aten.log2, this);

        public Tensor log10() => Call.One(Aten.log10, this);

        public Tensor log1p() => Call.One(Aten.log1p, this);

        public Tensor sqrt() => Call.One(Aten.sqrt, this);

        public Tensor rsqrt() => Call.One(Aten.rsqrt, this);

        public Tensor square() => Call.One(Aten.square, this);

        public Tensor reciprocal() => Call.One(Aten.reciprocal, this);

        public Tensor sin() => Call.One(Aten.sin, this);

        public Tensor cos() => Call.One(Aten.cos, this);

        public Tensor tan() => Call.One(Aten.tan, this);

        public Tensor asin() => Call.One(Aten.asin, this);

        public Tensor acos() => Call.One(Aten.acos, this);

        public Tensor atan() => Call.One(Aten.atan, this);

        public Tensor sinh() => Call.One(Aten.sinh, this);

        public Tensor cosh() => Call.One(Aten.cosh, this);

        public Tensor tanh() => Call.One(Aten.tanh, this);

        public Tensor asinh() => Call.One(Aten.asinh, this);

        public Tensor acosh() => Call.One(Aten.acosh, this);

        public Tensor atanh() => Call.One(Aten.atanh, this);

        public Tensor arcsin() => Call.One(Aten.arcsin, this);

        public Tensor arccos() => Call.One(Aten.arccos, this);

        public Tensor arctan() => Call.One(Aten.arctan, this);

        public Tensor arcsinh() => Call.One(Aten.arcsinh, this);

        public Tensor arccosh() => Call.One(Aten.arccosh, this);

        public Tensor arctanh() => Call.One(Aten.arctanh, this);

        public Tensor ceil() => Call.One(Aten.ceil, this);

        public Tensor floor() => Call.One(Aten.floor, this);

        public Tensor round(long decimals = 0) => Call.One(Aten.round_decimals, this, decimals);

        public Tensor trunc() => Call.One(Aten.trunc, this);

        public Tensor fix() => Call.One(Aten.fix, this);

        public Tensor frac() => Call.One(Aten.frac, this);

        public Tensor erf() => Call.One(Aten.erf, this);

        public Tensor erfc() => Call.One(Aten.erfc, this);

        public Tensor erfinv() => Call.One(Aten.erfinv, this);

        public Tensor sigmoid() => Call.One(Aten.sigmoid, this);

        public Tensor relu() => Call.One(Aten.relu, this);

        public Tensor relu6() => Call.One(Aten.relu6, this);

        public Tensor silu() => Call.One(Aten.silu, this);

        public Tensor gelu() => Call.One(Aten.gelu, this);

        public Tensor hardswish() => Call.One(Aten.hardswish, this);

        public Tensor hardsigmoid() => Call.One(Aten.hardsigmoid, this);

        public Tensor selu() => Call.One(Aten.selu, this);

        public Tensor softplus() => Call.One(Aten.softplus, this);

        public Tensor log_sigmoid() => Call.One(Aten.log_sigmoid, this);

        public Tensor lgamma() => Call.One(Aten.lgamma, this);

        public Tensor digamma() => Call.One(Aten.digamma, this);

        public Tensor deg2rad() => Call.One(Aten.deg2rad, this);

        public Tensor rad2deg() => Call.One(Aten.rad2deg, this);

        public Tensor sinc() => Call.One(Aten.sinc, this);

        public Tensor i0() => Call.One(Aten.i0, this);

        public Tensor isnan() => Call.One(Aten.isnan, this);

        public Tensor isinf() => Call.One(Aten.isinf, this);

        public Tensor isfinite() => Call.One(Aten.isfinite, this);

        public Tensor isposinf() => Call.One(Aten.isposinf, this);

        public Tensor isneginf() => Call.One(Aten.isneginf, this);

        public Tensor isreal() => Call.One(Aten.isreal, this);

        public Tensor signbit() => Call.One(Aten.signbit, this);

        public Tensor angle() => Call.One(Aten.angle, this);

        public Tensor conj() => Call.One(Aten.conj, this);

        public Tensor conj_physical() => Call.One(Aten.conj_physical, this);

        public Tensor resolve_conj() => Call.One(Aten.resolve_conj, this);

        public Tensor resolve_neg() => Call.One(Aten.resolve_neg, this);

        public Tensor bitwise_not() => Call.One(Aten.bitwise_not, this);

        public Tensor logical_not() => Call.One(Aten.logical_not, this);

        public Tensor positive() => Call.One(Aten.positive, this);

        public Tensor logit(double? eps = null) => Call.One(Aten.logit, this, eps);

        public Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null) =>
            Call.One(Aten.nan_to_num, this, nan, posinf, neginf);

        public Tensor abs_() => Call.InPlace(Aten.abs_, this);

        public Tensor absolute_() => Call.InPlace(Aten.absolute_, this);

        public Tensor neg_() => Call.InPlace(Aten.neg_, this);

        public Tensor sign_() => Call.InPlace(Aten.sign_, this);

        public Tensor sgn_() => Call.InPlace(Aten.sgn_, this);

        public Tensor exp_() => Call.InPlace(Aten.exp_, this);

        public Tensor expm1_() => Call.InPlace(Aten.expm1_, this);

        public Tensor log_() => Call.InPlace(Aten.log_, this);

        public Tensor log2_() => Call.InPlace(Aten.log2_, this);

        public Tensor log10_() => Call.InPlace(Aten.log10_, this);

        public Tensor log1p_() => Call.InPlace(Aten.log1p_, this);

        public Tensor sqrt_() => Call.InPlace(Aten.sqrt_, this);

        public Tensor rsqrt_() => Call.InPlace(Aten.rsqrt_, this);

        public Tensor reciprocal_() => Call.InPlace(Aten.reciprocal_, this);

        public Tensor sin_() => Call.InPlace(Aten.sin_, this);

        public Tensor cos_() => Call.InPlace(Aten.cos_, this);

        public Tensor tan_() => Call.InPlace(Aten.tan_, this);

        public Tensor asin_() => Call.InPlace(Aten.asin_, this);

        public Tensor acos_() => Call.InPlace(Aten.acos_, this);

        public Tensor atan_() => Call.InPlace(Aten.atan_, this);

        public Tensor sinh_() => Call.InPlace(Aten.sinh_, this);

        public Tensor cosh_() => Call.InPlace(Aten.cosh_, this);

        public Tensor tanh_() => Call.InPlace(Aten.tanh_, this);

        public Tensor ceil_() => Call.InPlace(Aten.ceil_, this);

        public Tensor floor_() => Call.InPlace(Aten.floor_, this);

        public Tensor round_(long decimals = 0) => Call.InPlace(Aten.round__decimals, this, decimals);

        public Tensor trunc_() => Call.InPlace(Aten.trunc_, this);

        public Tensor fix_() => Call.InPlace(Aten.fix_, this);

        public Tensor frac_() => Call.InPlace(Aten.frac_, this);

        public Tensor erf_() => Call.InPlace(Aten.erf_, this);

        public Tensor erfc_() => Call.InPlace(Aten.erfc_, this);

        public Tensor erfinv_() => Call.InPlace(Aten.erfinv_, this);

        public Tensor sigmoid_() => Call.InPlace(Aten.sigmoid_, this);

        public Tensor relu_() => Call.InPlace(Aten.relu_, this);

        public Tensor relu6_() => Call.InPlace(Aten.relu6_, this);

        public Tensor silu_() => Call.InPlace(Aten.silu_, this);

        public Tensor hardswish_() => Call.InPlace(Aten.hardswish_, this);

        public Tensor hardsigmoid_() => Call.InPlace(Aten.hardsigmoid_, this);

        public Tensor selu_() => Call.InPlace(Aten.selu_, this);

        public Tensor logical_not_() => Call.InPlace(Aten.logical_not_, this);

        public Tensor bitwise_not_() => Call.InPlace(Aten.bitwise_not_, this);
    }
}
