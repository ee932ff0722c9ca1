using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Linear algebra.</summary>
    public static class linalg
    {
        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
            Call.One(Aten.linalg_norm, input, Argument.None, dims, keepdim);

        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Call.One(Aten.linalg_norm, input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) =>
            Call.One(Aten.linalg_norm, input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) =>
            Call.One(Aten.linalg_norm_ord_str, input, ord, dims, keepdim);

        public static Tensor vector_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Call.One(Aten.linalg_vector_norm, input, ord, dims, keepdim);

        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) =>
            Call.One(Aten.linalg_matrix_norm_str_ord, input, ord, dims ?? [-2, -1], keepdim);

        public static Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Call.One(Aten.linalg_matrix_norm, input, ord, dims ?? [-2, -1], keepdim);

        public static Tensor cholesky(Tensor input) => Call.One(Aten.linalg_cholesky, input);

        public static Tensor det(Tensor input) => Call.One(Aten.linalg_det, input);

        public static (Tensor, Tensor) slogdet(Tensor input) => Call.Two(Aten.linalg_slogdet, input);

        public static Tensor inv(Tensor input) => Call.One(Aten.linalg_inv, input);

        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Call.One(Aten.linalg_pinv_atol_rtol_float, input, atol, rtol, hermitian);

        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Call.One(Aten.linalg_solve, A, B, left);

        public static (Tensor, Tensor, Tensor, Tensor) lstsq(Tensor input, Tensor other) => Least(input, other);

        public static (Tensor, Tensor, Tensor) svd(Tensor input, bool fullMatrices = true) =>
            Call.Three(Aten.linalg_svd, input, fullMatrices);

        public static Tensor svdvals(Tensor input) => Call.One(Aten.linalg_svdvals, input);

        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') =>
            Call.Two(Aten.linalg_eigh, input, UPLO.ToString());

        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') =>
            Call.One(Aten.linalg_eigvalsh, input, UPLO.ToString());

        public static Tensor matrix_exp(Tensor input) => Call.One(Aten.linalg_matrix_exp, input);

        public static Tensor multi_dot(IList<Tensor> tensors) => Call.One(Aten.linalg_multi_dot, tensors.ToArray());

        public static Tensor cross(Tensor input, Tensor other, long dim = -1) =>
            Call.One(Aten.linalg_cross, input, other, dim);

        public static Tensor diagonal(Tensor input, int offset = 0, int dim1 = -2, int dim2 = -1) =>
            Call.One(Aten.linalg_diagonal, input, offset, dim1, dim2);

        private static (Tensor, Tensor, Tensor, Tensor) Least(Tensor input, Tensor other)
        {
            Tensor[] results = Call.Many(Aten.linalg_lstsq, input, other);
            return (results[0], results[1], results[2], results[3]);
        }
    }
}
