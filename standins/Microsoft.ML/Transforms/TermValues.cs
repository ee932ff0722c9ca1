using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>How the values that keys stand for are compared, whatever their type.</summary>
internal static class TermValues
{
    /// <summary>Texts by their characters, not by where they are kept.</summary>
    public static IEqualityComparer<T> Equality<T>()
        => typeof(T) == typeof(ReadOnlyMemory<char>)
            ? (IEqualityComparer<T>)(object)new TextComparer()
            : EqualityComparer<T>.Default;

    public static IComparer<T> Order<T>()
        => typeof(T) == typeof(ReadOnlyMemory<char>)
            ? (IComparer<T>)(object)Comparer<ReadOnlyMemory<char>>.Create((a, b) => a.Span.SequenceCompareTo(b.Span))
            : Comparer<T>.Default;

    private sealed class TextComparer : IEqualityComparer<ReadOnlyMemory<char>>
    {
        public bool Equals(ReadOnlyMemory<char> x, ReadOnlyMemory<char> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<char> text) => string.GetHashCode(text.Span, StringComparison.Ordinal);
    }
}

/// <summary>Collects the distinct values of a cursor's column, missing ones left out.</summary>
internal abstract class TermLearner
{
    public abstract int Count { get; }

    public abstract bool IsFull { get; }

    /// <summary>Adds what the current row holds.</summary>
    public abstract void Add();

    public abstract TermMap Finish(ValueToKeyMappingEstimator.KeyOrdinality order);

    public static TermLearner Create(DataViewRow row, DataViewSchema.Column column, int most)
        => RuntimeGeneric.Call<TermLearner>(Create<int>, column.Type.GetItemType().RawType, row, column, most);

    private static TermLearner Create<T>(DataViewRow row, DataViewSchema.Column column, int most)
    {
        var type = (PrimitiveDataViewType)column.Type.GetItemType();
        if (column.Type is not VectorDataViewType)
        {
            var getter = row.GetGetter<T>(column);
            var one = new T[1];
            return new Learner<T>(type, most, () =>
            {
                getter(ref one[0]);
                return one;
            });
        }

        var vectorGetter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> items = default;
        return new Learner<T>(type, most, () =>
        {
            vectorGetter(ref items);
            return items.DenseValues();
        });
    }

    private sealed class Learner<T> : TermLearner
    {
        private readonly PrimitiveDataViewType _type;
        private readonly int _most;
        private readonly Func<IEnumerable<T>> _read;
        private readonly Func<T, bool> _isMissing;
        private readonly HashSet<T> _known = new(TermValues.Equality<T>());
        private readonly List<T> _terms = [];

        public Learner(PrimitiveDataViewType type, int most, Func<IEnumerable<T>> read)
        {
            _type = type;
            _most = most;
            _read = read;
            _isMissing = MissingValues.Test<T>(type);
        }

        public override int Count => _terms.Count;

        public override bool IsFull => _terms.Count >= _most;

        public override void Add()
        {
            if (IsFull)
                return;
            foreach (T term in _read())
            {
                if (!IsFull && !_isMissing(term) && _known.Add(term))
                    _terms.Add(term);
            }
        }

        public override TermMap Finish(ValueToKeyMappingEstimator.KeyOrdinality order)
        {
            if (order == ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
                _terms.Sort(TermValues.Order<T>());
            return new TermMap<T>(_type, _terms);
        }
    }
}
