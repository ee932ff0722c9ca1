using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Comparisons, which give a tensor of truth values unless they say otherwise.
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Call.One(Aten.eq_Tensor, this, target);

        public Tensor eq(Scalar target) => Call.One(Aten.eq_Scalar, this, target);

        public Tensor eq_(Tensor target) => Call.InPlace(Aten.eq__Tensor, this, target);

        public Tensor eq_(Scalar target) => Call.InPlace(Aten.eq__Scalar, this, target);

        public Tensor ne(Tensor target) => Call.One(Aten.ne_Tensor, this, target);

        public Tensor ne(Scalar target) => Call.One(Aten.ne_Scalar, this, target);

        public Tensor ne_(Tensor target) => Call.InPlace(Aten.ne__Tensor, this, target);

        public Tensor ne_(Scalar target) => Call.InPlace(Aten.ne__Scalar, this, target);

        public Tensor lt(Tensor target) => Call.One(Aten.lt_Tensor, this, target);

        public Tensor lt(Scalar target) => Call.One(Aten.lt_Scalar, this, target);

        public Tensor lt_(Tensor target) => Call.InPlace(Aten.lt__Tensor, this, target);

        public Tensor lt_(Scalar target) => Call.InPlace(Aten.lt__Scalar, this, target);

        public Tensor le(Tensor target) => Call.One(Aten.le_Tensor, this, target);

        public Tensor le(Scalar target) => Call.One(Aten.le_Scalar, this, target);

        public Tensor le_(Tensor target) => Call.InPlace(Aten.le__Tensor, this, target);

        public Tensor le_(Scalar target) => Call.InPlace(Aten.le__Scalar, this, target);

        public Tensor gt(Tensor target) => Call.One(Aten.gt_Tensor, this, target);

        public Tensor gt(Scalar target) => Call.One(Aten.gt_Scalar, this, target);

        public Tensor gt_(Tensor target) => Call.InPlace(Aten.gt__Tensor, this, target);

        public Tensor gt_(Scalar target) => Call.InPlace(Aten.gt__Scalar, this, target);

        public Tensor ge(Tensor target) => Call.One(Aten.ge_Tensor, this, target);

        public Tensor ge(Scalar target) => Call.One(Aten.ge_Scalar, this, target);

        public Tensor ge_(Tensor target) => Call.InPlace(Aten.ge__Tensor, this, target);

        public Tensor ge_(Scalar target) => Call.InPlace(Aten.ge__Scalar, this, target);

        public Tensor greater(Tensor target) => Call.One(Aten.greater_Tensor, this, target);

        public Tensor greater_equal(Tensor target) => Call.One(Aten.greater_equal_Tensor, this, target);

        public Tensor less(Tensor target) => Call.One(Aten.less_Tensor, this, target);

        public Tensor less_equal(Tensor target) => Call.One(Aten.less_equal_Tensor, this, target);

        public Tensor not_equal(Tensor target) => Call.One(Aten.not_equal_Tensor, this, target);

        public Tensor equal(Tensor target) => Call.One(Aten.eq_Tensor, this, target);

        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
            Call.One(Aten.isclose, this, other, rtol, atol, nanEqual);

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            Call.Truth(Aten.allclose, this, target, rtol, atol, equal_nan);

        public Tensor logical_and(Tensor other) => Call.One(Aten.logical_and, this, other);

        public Tensor logical_and_(Tensor other) => Call.InPlace(Aten.logical_and_, this, other);

        public Tensor bitwise_and(Tensor other) => Call.One(Aten.bitwise_and_Tensor, this, other);

        public Tensor bitwise_and_(Tensor other) => Call.InPlace(Aten.bitwise_and__Tensor, this, other);

        public Tensor logical_or(Tensor other) => Call.One(Aten.logical_or, this, other);

        public Tensor logical_or_(Tensor other) => Call.InPlace(Aten.logical_or_, this, other);

        public Tensor bitwise_or(Tensor other) => Call.One(Aten.bitwise_or_Tensor, this, other);

        public Tensor bitwise_or_(Tensor other) => Call.InPlace(Aten.bitwise_or__Tensor, this, other);

        public Tensor logical_xor(Tensor other) => Call.One(Aten.logical_xor, this, other);

        public Tensor logical_xor_(Tensor other) => Call.InPlace(Aten.logical_xor_, this, other);

        public Tensor bitwise_xor(Tensor other) => Call.One(Aten.bitwise_xor_Tensor, this, other);

        public Tensor bitwise_xor_(Tensor other) => Call.InPlace(Aten.bitwise_xor__Tensor, this, other);

        public Tensor bitwise_left_shift(Tensor other) => Call.One(Aten.bitwise_left_shift_Tensor, this, other);

        public Tensor bitwise_right_shift(Tensor other) => Call.One(Aten.bitwise_right_shift_Tensor, this, other);

        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) =>
            Call.One(Aten.isin_Tensor_Tensor, this, test_elements, assumeUnique, invert);

        public Tensor where(Tensor condition, Tensor y) => Call.One(Aten.where_self, condition, this, y);
    }
}
