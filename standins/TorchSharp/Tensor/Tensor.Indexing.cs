using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>What an index picks: an element, a slice, all, a new dimension, or what a tensor says.</summary>
    public struct TensorIndex
    {
        public static TensorIndex Ellipsis = new(IndexKind.Ellipsis);

        public static TensorIndex None = new(IndexKind.None);

        public static TensorIndex Null = new(IndexKind.None);

        public static TensorIndex Colon = new(IndexKind.Slice);

        private TensorIndex(IndexKind kind) => Kind = kind;

        internal IndexKind Kind { get; }

        internal long? Start { get; private init; }

        internal long? Stop { get; private init; }

        internal long? Step { get; private init; }

        internal Tensor Picked { get; private init; }

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new(IndexKind.Slice) { Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int?, int?) range) => Slice(range.Item1, range.Item2);

        public static TensorIndex Slice(Range range)
        {
            long? stop = range.End.IsFromEnd ? (range.End.Value == 0 ? null : -range.End.Value) : range.End.Value;
            return Slice(range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value, stop);
        }

        public static TensorIndex Bool(bool value) => new(IndexKind.Bool) { Start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new(IndexKind.Single) { Start = index };

        public static TensorIndex Tensor(Tensor tensor) => new(IndexKind.Tensor) { Picked = tensor };

        public static implicit operator Tensor(TensorIndex value) => value.Picked;

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Index index) =>
            Single(index.IsFromEnd ? -index.Value : index.Value);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex((int?, int?) range) => Slice(range);
    }

    internal enum IndexKind
    {
        Slice,
        None,
        Ellipsis,
        Bool,
        Single,
        Tensor,
    }

    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => Put(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => index(Singles(indices));
            set => Put(value, Singles(indices));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Put(value, [i1]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(Singles([i1, i2]));
            set => Put(value, [i1, i2]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(Singles([i1, i2, i3]));
            set => Put(value, [i1, i2, i3]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(Singles([i1, i2, i3, i4]));
            set => Put(value, [i1, i2, i3, i4]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => index(Singles([i1, i2, i3, i4, i5]));
            set => Put(value, [i1, i2, i3, i4, i5]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => index(Singles([i1, i2, i3, i4, i5, i6]));
            set => Put(value, [i1, i2, i3, i4, i5, i6]);
        }

        /// <summary>What the indices pick: a view, or a copy where one of them is a tensor.</summary>
        public Tensor index(params TensorIndex[] indices)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor view, Tensor[] picks) = View(indices);
            Tensor picked = picks is null ? view : Call.One(Aten.index_Tensor, view, picks);

            // With nothing to pick, the view is this very object.
            return ReferenceEquals(picked, this) ? scope.MoveToOuter(alias()) : scope.MoveToOuter(picked);
        }

        public Tensor index(params Tensor[] indices) => Call.One(Aten.index_Tensor, this, indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            Put(value, indices);
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) =>
            Call.InPlace(Aten.index_put_, this, indices, value);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using Tensor element = FromScalar(value, dtype, device, false);
            return index_put_(element, indices);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using Tensor element = FromScalar(value, dtype, device, false);
            return index_put_(element, indices);
        }

        private static TensorIndex[] Singles(long[] indices) => Array.ConvertAll(indices, i => TensorIndex.Single(i));

        private void Put(Tensor value, TensorIndex[] indices)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor view, Tensor[] picks) = View(indices);
            if (picks is null)
            {
                view.copy_(value);
            }
            else
            {
                Tensor same = value.dtype == view.dtype ? value : value.to_type(view.dtype);
                Call.One(Aten.index_put_, view, picks, same);
            }
        }

        // Applies the indices that give views, from the first dimension to the last, and returns the tensors among them
        // by the view's dimensions; null when there are none.
        private (Tensor View, Tensor[] Picks) View(TensorIndex[] indices)
        {
            int taken = indices.Sum(DimensionsTaken);
            if (taken > ndim)
            {
                throw new ArgumentException($"{taken} indices were given for a tensor of {ndim} dimensions.");
            }

            Tensor view = this;
            var picks = new List<Tensor>();
            bool any = false;
            long dim = 0;
            foreach (TensorIndex one in indices)
            {
                switch (one.Kind)
                {
                    case IndexKind.Single:
                        view = view.select(dim, one.Start ?? 0);
                        break;
                    case IndexKind.Slice:
                        if (one.Start is not null || one.Stop is not null || one.Step is not null)
                        {
                            view = Call.One(Aten.slice_Tensor, view, dim, one.Start, one.Stop, one.Step ?? 1);
                        }

                        dim++;
                        picks.Add(null);
                        break;
                    case IndexKind.Ellipsis:
                        for (long left = ndim - taken; left > 0; left--)
                        {
                            dim++;
                            picks.Add(null);
                        }

                        break;
                    case IndexKind.None:
                        view = view.unsqueeze(dim++);
                        picks.Add(null);
                        break;
                    case IndexKind.Bool:
                        view = view.unsqueeze(dim++);
                        picks.Add(torch.tensor(new[] { one.Start == 1 }, device: device));
                        any = true;
                        break;
                    default:
                        long wide = one.Picked.dtype is ScalarType.Bool or ScalarType.Byte ? one.Picked.ndim : 1;
                        picks.Add(one.Picked);
                        dim += wide;
                        any = true;
                        break;
                }
            }

            return (view, any ? picks.ToArray() : null);
        }

        private static int DimensionsTaken(TensorIndex index) => index.Kind switch
        {
            IndexKind.Single or IndexKind.Slice => 1,
            IndexKind.Tensor => index.Picked.dtype is ScalarType.Bool or ScalarType.Byte ? (int)index.Picked.ndim : 1,
            _ => 0,
        };
    }
}
