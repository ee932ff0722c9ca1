using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Functions of many elements: sums, extremes, statistics, orders.
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Call.One(Aten.sum, this, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            Call.One(Aten.sum_dim_IntList, this, dim, keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) =>
            Call.One(Aten.sum_dim_IntList, this, Dims(dim0, dim1), keepdim, type);

        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) =>
            Call.One(Aten.sum_dim_IntList, this, Dims(dim0, dim1, dim2), keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            Call.One(Aten.sum_dim_IntList, this, dim, keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Call.One(Aten.sum_dim_IntList, this, dim, keepdim, type);

        public Tensor nansum() => Call.One(Aten.nansum, this);

        public Tensor mean() => Call.One(Aten.mean, this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Call.One(Aten.mean_dim, this, dimensions, keepdim, type);

        public Tensor nanmean(int? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
            Call.One(Aten.nanmean, this, dim, keepdim, dtype);

        public Tensor prod(ScalarType? type = null) => Call.One(Aten.prod, this, type);

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) =>
            Call.One(Aten.prod_dim_int, this, dim, keepdim, type);

        public Tensor max() => Call.One(Aten.max, this);

        public (Tensor, Tensor) max(long dim, bool keepdim = false) => Call.Two(Aten.max_dim, this, dim, keepdim);

        public Tensor min() => Call.One(Aten.min, this);

        public (Tensor, Tensor) min(long dim, bool keepdim = false) => Call.Two(Aten.min_dim, this, dim, keepdim);

        public Tensor amax(params long[] dims) => Call.One(Aten.amax, this, dims);

        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? Call.One(
                Aten.amax, this, dims, keepdim) : Call.One(Aten.amax_out, this, dims, keepdim, @out);

        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            amax(dims.ToArray(), keepdim, @out);

        public Tensor amin(params long[] dims) => Call.One(Aten.amin, this, dims);

        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? Call.One(
                Aten.amin, this, dims, keepdim) : Call.One(Aten.amin_out, this, dims, keepdim, @out);

        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            amin(dims.ToArray(), keepdim, @out);

        public (Tensor, Tensor) aminmax(long? dim = null, bool keepdim = false) =>
            Call.Two(Aten.aminmax, this, dim, keepdim);

        public Tensor argmax() => Call.One(Aten.argmax, this);

        public Tensor argmax(long dim, bool keepdim = false) => Call.One(Aten.argmax, this, dim, keepdim);

        public Tensor argmin() => Call.One(Aten.argmin, this);

        public Tensor argmin(long dim, bool keepdim = false) => Call.One(Aten.argmin, this, dim, keepdim);

        public Tensor median() => Call.One(Aten.median, this);

        public Tensor all() => Call.One(Aten.all, this);

        public Tensor all(long dim, bool keepdim = false) => Call.One(Aten.all_dim, this, dim, keepdim);

        public Tensor any() => Call.One(Aten.any, this);

        public Tensor any(long dim, bool keepdim = false) => Call.One(Aten.any_dim, this, dim, keepdim);

        public Tensor count_nonzero(long[]? dims = null) => Call.One(Aten.count_nonzero_dim_IntList, this, dims ?? []);

        public Tensor logsumexp(long dim, bool keepdim = false) => Call.One(Aten.logsumexp, this, Dims(dim), keepdim);

        public Tensor cumsum(long dim, ScalarType? type = null) => Call.One(Aten.cumsum, this, dim, type);

        public Tensor cumprod(long dim, ScalarType? type = null) => Call.One(Aten.cumprod, this, dim, type);

        public (Tensor, Tensor) cummax(long dim) => Call.Two(Aten.cummax, this, dim);

        public (Tensor, Tensor) cummin(long dim) => Call.Two(Aten.cummin, this, dim);

        public Tensor logcumsumexp(long dim) => Call.One(Aten.logcumsumexp, this, dim);

        public Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) =>
            Call.One(Aten.diff, this, n, dim, prepend, append);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Call.One(Aten.softmax_int, this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) =>
            Call.One(Aten.log_softmax_int, this, dim, dtype);

        public Tensor norm(float p = 2) => Call.One(Aten.norm_Scalar, this, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2) =>
            Call.One(Aten.norm_ScalarOpt_dim, this, p, Dims(dim), keepdim);

        public Tensor dist(Tensor other, float p = 2) => Call.One(Aten.dist, this, other, p);

        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) =>
            Call.One(Aten.quantile, this, q, dim, keepdim);

        public Tensor nanquantile(Tensor q, long dim = -1, bool keepdim = false) =>
            Call.One(Aten.nanquantile, this, q, dim, keepdim);

        public Tensor histc(long bins = 100, long min = 0, long max = 0) => Call.One(Aten.histc, this, bins, min, max);

        public Tensor bincount(Tensor weights, long minlength = 0) => Call.One(Aten.bincount, this, weights, minlength);

        public Tensor trace() => Call.One(Aten.trace, this);

        public (Tensor, Tensor) mode(long dim = -1, bool keepdim = false) => Call.Two(Aten.mode, this, dim, keepdim);

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(
            bool return_inverse = false, bool return_counts = false, int? dim = null) =>
            UniqueConsecutive(return_inverse, return_counts, dim);

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
            bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
            Unique(sorted, return_inverse, return_counts, dim);

        public Tensor std(bool unbiased = true) => Call.One(Aten.std, this, unbiased);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std(Dims(dim), unbiased, keepdim, type);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(Call.One(Aten.std_dim, this, dimensions, unbiased, keepdim), type);

        public Tensor std(
            ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std(dimensions.ToArray(), unbiased, keepdim, type);

        public Tensor std((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std(Dims(dim.Item1, dim.Item2), unbiased, keepdim, type);

        public Tensor std(
            (long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std(Dims(dim.Item1, dim.Item2, dim.Item3), unbiased, keepdim, type);

        public (Tensor, Tensor) std_mean(bool unbiased = true) => Call.Two(Aten.std_mean, this, unbiased);

        public (Tensor, Tensor) std_mean(
            long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std_mean(Dims(dim), unbiased, keepdim, type);

        public (Tensor, Tensor) std_mean(
            long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(Call.Two(Aten.std_mean_dim, this, dimensions, unbiased, keepdim), type);

        public Tensor var(bool unbiased = true) => Call.One(Aten.var, this, unbiased);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var(Dims(dim), unbiased, keepdim, type);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(Call.One(Aten.var_dim, this, dimensions, unbiased, keepdim), type);

        public Tensor var(
            ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var(dimensions.ToArray(), unbiased, keepdim, type);

        public Tensor var((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var(Dims(dim.Item1, dim.Item2), unbiased, keepdim, type);

        public Tensor var(
            (long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var(Dims(dim.Item1, dim.Item2, dim.Item3), unbiased, keepdim, type);

        public (Tensor, Tensor) var_mean(bool unbiased = true) => Call.Two(Aten.var_mean, this, unbiased);

        public (Tensor, Tensor) var_mean(
            long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var_mean(Dims(dim), unbiased, keepdim, type);

        public (Tensor, Tensor) var_mean(
            long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(Call.Two(Aten.var_mean_dim, this, dimensions, unbiased, keepdim), type);

        public (Tensor, Tensor) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Call.Two(Aten.sort_stable, this, stable, dim, descending);

        public Tensor argsort(long dim = -1, bool descending = false) => Call.One(Aten.argsort, this, dim, descending);

        public (Tensor, Tensor) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Call.Two(Aten.topk, this, k, dim, largest, sorted);

        public (Tensor, Tensor) kthvalue(long k, long? dim, bool keepdim = false) =>
            Call.Two(Aten.kthvalue, this, k, dim ?? -1, keepdim);

        public Tensor msort() => Call.One(Aten.msort, this);

        private static long[] Dims(params long[] dims) => dims;

        // These operators have no element type of their own.
        private static Tensor Typed(Tensor result, ScalarType? type)
        {
            if (type is not { } wanted || wanted == result.dtype)
            {
                return result;
            }

            using Tensor before = result;
            return before.to_type(wanted);
        }

        private static (Tensor, Tensor) Typed((Tensor, Tensor) results, ScalarType? type) =>
            (Typed(results.Item1, type), Typed(results.Item2, type));

        private (Tensor, Tensor, Tensor) Unique(bool sorted, bool inverse, bool counts, int? dim) => Asked(
            dim is { } one
                ? Call.Three(Aten.unique_dim, this, one, sorted, inverse, counts)
                : Call.Three(Aten._unique2, this, sorted, inverse, counts),
            inverse,
            counts);

        private (Tensor, Tensor, Tensor) UniqueConsecutive(bool inverse, bool counts, int? dim) =>
            Asked(Call.Three(Aten.unique_consecutive, this, inverse, counts, dim), inverse, counts);

        // What was not asked for comes back empty.
        private static (Tensor, Tensor, Tensor) Asked((Tensor, Tensor, Tensor) results, bool inverse, bool counts)
        {
            if (!inverse)
            {
                results.Item2.Dispose();
            }

            if (!counts)
            {
                results.Item3.Dispose();
            }

            return (results.Item1, inverse ? results.Item2 : null, counts ? results.Item3 : null);
        }
    }
}
