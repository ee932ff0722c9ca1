using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>What the modules compute, without their state.</summary>
        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor bias = null) =>
                Call.One(NeuralOperators.linear, input, weights, bias);

            public static Tensor dropout(
                Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                Call.One(inplace ? NeuralOperators.dropout_ : NeuralOperators.dropout, input, p, training);

            public static Tensor dropout1d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                dropout2d(input.unsqueeze(-1), p, training, inplace).squeeze(-1);

            public static Tensor dropout2d(
                Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                Call.One(
                    inplace ? NeuralOperators.feature_dropout_ : NeuralOperators.feature_dropout, input, p, training);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => x.dtype == ScalarType.Int64
                ? Call.One(NeuralOperators.one_hot, x, num_classes)
                : throw new ArgumentException("OneHot input tensor must have elements of type Int64");

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-8) =>
                Call.One(NeuralOperators.cosine_similarity, x1, x2, dim, eps);

            public static Tensor pixel_shuffle(Tensor x, long upscaleFactor) =>
                Call.One(NeuralOperators.pixel_shuffle, x, upscaleFactor);

            /// <summary>softmax(Q K^T / sqrt(d) + mask) V over the last two dimensions (Vaswani et al., "Attention is
            /// all you need", 2017, equation 1). A boolean mask is true where attention is allowed.</summary>
            public static Tensor scaled_dot_product_attention(
                Tensor query, Tensor key, Tensor value, Tensor attn_mask = null, double p = 0.0,
                bool is_casual = false)
            {
                if (HasPublicAttention)
                {
                    return Call.One(
                        NeuralOperators.scaled_dot_product_attention, query, key, value, attn_mask, p, is_casual);
                }
                if (attn_mask is null && p == 0 && !is_casual && AttentionInBlocks(query, key, value) is { } mixed)
                {
                    return mixed;
                }
                (Tensor attended, Tensor weights) = Call.Two(
                    NeuralOperators._scaled_dot_product_attention, query, key, value, attn_mask, p, false, is_casual);
                weights?.Dispose();
                return attended;
            }

            // What the package's libtorch has as a fused kernel; null where it takes the arguments operator by operator.
            private static Tensor AttentionInBlocks(Tensor query, Tensor key, Tensor value)
            {
                Tensor mixed = Shim.shim_attention_fits(query.Handle, key.Handle, value.Handle) == 1
                    ? new Tensor(Shim.Check(Shim.shim_attention(query.Handle, key.Handle, value.Handle)))
                    : null;
                GC.KeepAlive(query);
                GC.KeepAlive(key);
                GC.KeepAlive(value);
                return mixed;
            }

            private static bool HasPublicAttention => _hasPublicAttention ??=
                NeuralOperators.scaled_dot_product_attention.Exists;

            private static bool? _hasPublicAttention;
        }
    }
}
