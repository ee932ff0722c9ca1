using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Elements picked and placed by tensors of indices or of truth values.
    public partial class Tensor
    {
        public Tensor gather(long dim, Tensor index) => Call.One(Aten.gather, this, dim, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Call.One(Aten.scatter_src, this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) =>
            Call.InPlace(Aten.scatter__src, this, dim, index, src);

        public Tensor scatter_add(long dim, Tensor index, Tensor src) =>
            Call.One(Aten.scatter_add, this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) =>
            Call.InPlace(Aten.scatter_add_, this, dim, index, src);

        public Tensor index_select(long dim, Tensor index) => Call.One(Aten.index_select, this, dim, index);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Call.One(Aten.index_add, this, dim, index, source, alpha);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Call.InPlace(Aten.index_add_, this, dim, index, source, alpha);

        public Tensor index_copy(long dim, Tensor index, Tensor source) =>
            Call.One(Aten.index_copy, this, dim, index, source);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) =>
            Call.InPlace(Aten.index_copy_, this, dim, index, source);

        public Tensor index_fill(long dim, Tensor index, Scalar value) =>
            Call.One(Aten.index_fill_int_Scalar, this, dim, index, value);

        public Tensor index_fill_(long dim, Tensor index, Scalar value) =>
            Call.InPlace(Aten.index_fill__int_Scalar, this, dim, index, value);

        public Tensor masked_fill(Tensor mask, Scalar value) => Call.One(Aten.masked_fill_Scalar, this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) =>
            Call.InPlace(Aten.masked_fill__Scalar, this, mask, value);

        public Tensor masked_select(Tensor mask) => Call.One(Aten.masked_select, this, mask);

        public Tensor masked_scatter(Tensor mask, Tensor value) => Call.One(Aten.masked_scatter, this, mask, value);

        public Tensor masked_scatter_(Tensor mask, Tensor value) =>
            Call.InPlace(Aten.masked_scatter_, this, mask, value);

        public Tensor nonzero() => Call.One(Aten.nonzero, this);

        public Tensor argwhere() => Call.One(Aten.argwhere, this);

        public Tensor take(Tensor index) => Call.One(Aten.take, this, index);

        public Tensor take_along_dim(Tensor indices) => Call.One(Aten.take_along_dim, this, indices);

        public Tensor take_along_dim(Tensor indices, long dim) => Call.One(Aten.take_along_dim, this, indices, dim);

        public Tensor select_scatter(Tensor src, long dim, long index) =>
            Call.One(Aten.select_scatter, this, src, dim, index);

        public Tensor slice_scatter(Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) =>
            Call.One(Aten.slice_scatter, this, src, dim, start, end, step);

        public Tensor diagonal_scatter(Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) =>
            Call.One(Aten.diagonal_scatter, this, src, offset, dim1, dim2);

        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) =>
            Call.One(Aten.bucketize_Tensor, this, boundaries, outInt32, right);
    }
}
