using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // The same elements in another arrangement.
    public partial class Tensor
    {
        public Tensor reshape(params long[] shape) => Call.One(Aten.reshape, this, shape);

        public Tensor view(params long[] shape) => Call.One(Aten.view, this, shape);

        public Tensor view_as(Tensor other) => Call.One(Aten.view_as, this, other);

        public Tensor view_as_complex() => Call.One(Aten.view_as_complex, this);

        public Tensor view_as_real() => Call.One(Aten.view_as_real, this);

        public Tensor permute(params long[] permutation) => Call.One(Aten.permute, this, permutation);

        public Tensor permute(IEnumerable<long> permutation) => Call.One(Aten.permute, this, permutation.ToArray());

        public Tensor transpose(long dim0, long dim1) => Call.One(Aten.transpose_int, this, dim0, dim1);

        public Tensor transpose_(long dim0, long dim1) => Call.InPlace(Aten.transpose_, this, dim0, dim1);

        public Tensor swapaxes(long dim0, long dim1) => Call.One(Aten.swapaxes, this, dim0, dim1);

        public Tensor swapdims(long dim0, long dim1) => Call.One(Aten.swapdims, this, dim0, dim1);

        public Tensor t() => Call.One(Aten.t, this);

        public Tensor movedim(long[] source, long[] destination) =>
            Call.One(Aten.movedim_intlist, this, source, destination);

        public Tensor moveaxis(long[] source, long[] destination) =>
            Call.One(Aten.moveaxis_intlist, this, source, destination);

        public Tensor unsqueeze(long dim) => Call.One(Aten.unsqueeze, this, dim);

        public Tensor unsqueeze_(long dim) => Call.InPlace(Aten.unsqueeze_, this, dim);

        public Tensor squeeze(long? dim = null) =>
            dim is { } one ? Call.One(Aten.squeeze_dim, this, one) : Call.One(Aten.squeeze, this);

        public Tensor squeeze_(long? dim = null) =>
            dim is { } one ? Call.InPlace(Aten.squeeze__dim, this, one) : Call.InPlace(Aten.squeeze_, this);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) =>
            Call.One(Aten.flatten_using_ints, this, start_dim, end_dim);

        public Tensor unflatten(long dim, params long[] sizes) => Unflatten(dim, sizes);

        public Tensor unflatten(long dim, Size sizes) => Unflatten(dim, sizes.Shape);

        public Tensor ravel() => Call.One(Aten.ravel, this);

        public Tensor contiguous() => Call.One(Aten.contiguous, this);

        public Tensor expand(params long[] sizes) => Call.One(Aten.expand, this, sizes);

        public Tensor expand(long[] sizes, bool isImplicit = false) => Call.One(Aten.expand, this, sizes, isImplicit);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) =>
            Call.One(Aten.expand, this, sizes, isImplicit);

        public Tensor expand(Size sizes, bool isImplicit = false) =>
            Call.One(Aten.expand, this, sizes.Shape, isImplicit);

        public Tensor expand_as(Tensor other) => Call.One(Aten.expand_as, this, other);

        public Tensor broadcast_to(params long[] shape) => Call.One(Aten.broadcast_to, this, shape);

        public Tensor repeat(params long[] sizes) => Call.One(Aten.repeat, this, sizes);

        public Tensor tile(long[] reps) => Call.One(Aten.tile, this, reps);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Call.One(Aten.repeat_interleave_self_int, this, repeats, dim, output_size);

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            Call.One(Aten.repeat_interleave_self_Tensor, this, repeats, dim, output_size);

        public Tensor roll(long shifts, long? dims = null) =>
            Call.One(Aten.roll, this, Dims(shifts), dims is { } one ? Dims(one) : []);

        public Tensor roll(long[] shifts) => Call.One(Aten.roll, this, shifts);

        public Tensor roll(long[] shifts, long[] dims) => Call.One(Aten.roll, this, shifts, dims);

        public Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) =>
            Call.One(Aten.roll, this, shifts, dims);

        public Tensor roll((long, long) shifts, (long, long) dims) =>
            Call.One(Aten.roll, this, Dims(shifts.Item1, shifts.Item2), Dims(dims.Item1, dims.Item2));

        public Tensor roll((long, long, long) shifts, (long, long, long) dims) =>
            Call.One(
                Aten.roll, this, Dims(shifts.Item1, shifts.Item2, shifts.Item3),
                Dims(dims.Item1, dims.Item2, dims.Item3));

        public Tensor flip(params long[] dims) => Call.One(Aten.flip, this, dims);

        public Tensor fliplr() => Call.One(Aten.fliplr, this);

        public Tensor flipud() => Call.One(Aten.flipud, this);

        public Tensor rot90(long k = 1, (long, long)? dims = null) =>
            Call.One(Aten.rot90, this, k, dims is { } two ? Dims(two.Item1, two.Item2) : Dims(0, 1));

        public Tensor unfold(long dimension, long size, long step) =>
            Call.One(Aten.unfold, this, dimension, size, step);

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0) =>
            Call.One(Aten.as_strided, this, size, strides, storageOffset);

        public Tensor narrow(long dim, long start, long length) => Call.One(Aten.narrow, this, dim, start, length);

        public Tensor select(long dim, long index) => Call.One(Aten.select_int, this, dim, index);

        public Tensor slice(long dim, long start, long finish, long step) =>
            Call.One(Aten.slice_Tensor, this, dim, start, finish, step);

        public Tensor[] split(long size, int dim = 0) => Call.Many(Aten.split_Tensor, this, size, dim);

        public Tensor[] split(params long[] sizes) => Call.Many(Aten.split_sizes, this, sizes);

        public Tensor[] split(long[] sizes, long dim = 0) => Call.Many(Aten.split_sizes, this, sizes, dim);

        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => Call.Many(Aten.split_sizes, this, sizes, dim);

        public Tensor[] chunk(long chunks, long dim = 0) => Call.Many(Aten.chunk, this, chunks, dim);

        public Tensor[] unbind(long dimension = 0) => Call.Many(Aten.unbind_int, this, dimension);

        public Tensor[] tensor_split(long size, long dim = 0) => Call.Many(Aten.tensor_split_sections, this, size, dim);

        public Tensor[] tensor_split(long[] sizes, long dim = 0) =>
            Call.Many(Aten.tensor_split_indices, this, sizes, dim);

        public Tensor[] hsplit(long size) => Call.Many(Aten.hsplit_int, this, size);

        public Tensor[] hsplit(params long[] sizes) => Call.Many(Aten.hsplit_array, this, sizes);

        public Tensor[] vsplit(long size) => Call.Many(Aten.vsplit_int, this, size);

        public Tensor[] vsplit(params long[] sizes) => Call.Many(Aten.vsplit_array, this, sizes);

        public Tensor diag(long diagonal = 0) => Call.One(Aten.diag, this, diagonal);

        public Tensor diag_embed(long offset = 0, long dim1 = -2, long dim2 = -1) =>
            Call.One(Aten.diag_embed, this, offset, dim1, dim2);

        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 0) =>
            Call.One(Aten.diagonal, this, offset, dim1, dim2);

        public Tensor tril(long diagonal = 0) => Call.One(Aten.tril, this, diagonal);

        public Tensor tril_(long diagonal = 0) => Call.One(Aten.tril_, this, diagonal);

        public Tensor triu(long diagonal = 0) => Call.One(Aten.triu, this, diagonal);

        public Tensor triu_(long diagonal = 0) => Call.One(Aten.triu_, this, diagonal);

        public Tensor atleast_1d() => Call.One(Aten.atleast_1d, this);

        public Tensor atleast_2d() => Call.One(Aten.atleast_2d, this);

        public Tensor atleast_3d() => Call.One(Aten.atleast_3d, this);

        public Tensor channel_shuffle(long groups) => Call.One(Aten.channel_shuffle, this, groups);

        private Tensor Unflatten(long dim, long[] sizes)
        {
            long[] before = shape;
            if (dim < 0 || dim >= before.Length)
            {
                throw new ArgumentException($"Invalid 'dim' argument: {dim}.");
            }

            int at = (int)dim;
            return view([.. before[..at], .. sizes, .. before[(at + 1)..]]);
        }
    }
}
