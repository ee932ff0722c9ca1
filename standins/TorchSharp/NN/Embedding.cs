using TorchSharp.Modules;
using TorchSharp.Interop;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>A learned vector for each index.</summary>
    public sealed class Embedding : nn.Module<Tensor, Tensor>
    {
        private readonly EmbeddingLookup _lookup;

        [ComponentName(Name = nameof(weight))]
        private Parameter _weight;

        internal Embedding(Parameter vectors, EmbeddingLookup lookup) : base(nameof(Embedding))
        {
            _lookup = lookup;
            _weight = vectors;
            register_parameter(nameof(weight), _weight);
        }

        public Parameter? weight
        {
            get => _weight.Another();
            set => ReplaceParameter(nameof(weight), ref _weight, value);
        }

        public override Tensor forward(Tensor input)
        {
            if (_lookup.MaxNorm is { } maxNorm)
            {
                using IDisposable noGrad = no_grad();
                using Tensor flat = input.contiguous();
                Call.One(NeuralOperators.embedding_renorm_, _weight, flat, maxNorm, _lookup.NormType).Dispose();
            }
            return Call.One(
                NeuralOperators.embedding, _weight, input, _lookup.PaddingIndex ?? -1, _lookup.ScaleGradByFrequency,
                _lookup.Sparse);
        }
    }

    /// <summary>How an embedding looks its vectors up.</summary>
    internal sealed record EmbeddingLookup(
        long? PaddingIndex, double? MaxNorm, double NormType, bool ScaleGradByFrequency, bool Sparse);
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Embedding Embedding(
                long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null,
                double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device device = null,
                ScalarType? dtype = null)
            {
                if (padding_idx < 0)
                {
                    padding_idx += num_embeddings;
                }
                if (padding_idx < 0 || padding_idx >= num_embeddings)
                {
                    throw new ArgumentException("Padding_idx must be within num_embeddings", nameof(padding_idx));
                }
                var vectors = Modules.Parameter.OfNativeModule(empty([num_embeddings, embedding_dims]));
                init.normal_(vectors);
                if (padding_idx is { } padding)
                {
                    using IDisposable noGrad = no_grad();
                    using Tensor row = vectors.select(0, padding);
                    init.zeros_(row);
                }
                var lookup = new EmbeddingLookup(padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
                return new Embedding(vectors, lookup).MoveModule<Embedding>(device, dtype);
            }
        }
    }
}
