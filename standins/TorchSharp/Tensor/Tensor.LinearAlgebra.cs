using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Products and other linear algebra.
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Call.One(Aten.matmul, this, target);

        public Tensor mm(Tensor target) => Call.One(Aten.mm, this, target);

        public Tensor bmm(Tensor batch2) => Call.One(Aten.bmm, this, batch2);

        public Tensor mv(Tensor target) => Call.One(Aten.mv, this, target);

        public Tensor dot(Tensor target) => Call.One(Aten.dot, this, target);

        public Tensor vdot(Tensor target) => Call.One(Aten.vdot, this, target);

        public Tensor inner(Tensor vec2) => Call.One(Aten.inner, this, vec2);

        public Tensor outer(Tensor vec2) => Call.One(Aten.outer, this, vec2);

        public Tensor ger(Tensor vec2) => Call.One(Aten.ger, this, vec2);

        public Tensor kron(Tensor other) => Call.One(Aten.kron, this, other);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Call.One(Aten.addmm, this, mat1, mat2, beta, alpha);

        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Call.InPlace(Aten.addmm_, this, mat1, mat2, beta, alpha);

        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) =>
            Call.One(Aten.addmv, this, mat, vec, beta, alpha);

        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Call.One(Aten.addbmm, this, batch1, batch2, beta, alpha);

        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) =>
            Call.One(Aten.addr, this, vec1, vec2, beta, alpha);

        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) =>
            Call.One(Aten.tensordot, this, b, dims1, dims2);

        public Tensor inverse() => Call.One(Aten.inverse, this);

        public Tensor det() => Call.One(Aten.det, this);

        public Tensor logdet() => Call.One(Aten.logdet, this);

        public Tensor matrix_exp() => Call.One(Aten.matrix_exp, this);

        public Tensor pinverse(double rcond = 1e-15, bool hermitian = false) => Call.One(Aten.pinverse, this, rcond);

        public Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null) =>
            Call.One(Aten.cov, this, correction, fweights, aweights);

        public Tensor corrcoef() => Call.One(Aten.corrcoef, this);
    }
}
