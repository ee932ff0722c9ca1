using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataViewSchema
{
    /// <summary>What a column knows beside its type: named values, each read through a getter when asked for.</summary>
    public sealed class Annotations
    {
        private readonly Delegate[] _getters;

        private Annotations(DataViewSchema schema, Delegate[] getters)
        {
            Schema = schema;
            _getters = getters;
        }

        public static Annotations Empty { get; } = new(new DataViewSchema([], []), []);

        public DataViewSchema Schema { get; }

        public ValueGetter<TValue> GetGetter<TValue>(Column column)
        {
            if (column.Index >= _getters.Length)
                throw new ArgumentException($"These annotations have no column {column.Index}.", nameof(column));
            return _getters[column.Index] as ValueGetter<TValue>
                ?? throw new InvalidOperationException(
                    $"Invalid call to '{nameof(GetGetter)}': annotation '{column.Name}' has the type {column.Type}, " +
                    $"not {typeof(TValue)}.");
        }

        public void GetValue<TValue>(string kind, ref TValue value)
        {
            Column column = Schema.GetColumnOrNull(kind)
                ?? throw new InvalidOperationException(
                    $"Invalid call to '{nameof(GetValue)}': there is no annotation '{kind}'.");
            GetGetter<TValue>(column)(ref value);
        }

        public override string ToString() => string.Join(", ", Schema.Select(column => column.Name));

        internal Delegate GetGetterInternal(int index) => _getters[index];

        public sealed class Builder
        {
            private readonly DataViewSchema.Builder _schema = new();
            private readonly List<Delegate> _getters = [];

            public Builder()
            {
            }

            public void Add(Annotations annotations, Func<string, bool> selector)
            {
                if (annotations == null)
                    return;
                ArgumentNullException.ThrowIfNull(selector);
                foreach (Column column in annotations.Schema)
                {
                    if (selector(column.Name))
                        AddCore(column.Name, column.Type, annotations._getters[column.Index], column.Annotations);
                }
            }

            public void Add<TValue>(
                string name, DataViewType type, ValueGetter<TValue> getter, Annotations annotations = null)
            {
                CheckNameAndType(name, type);
                ArgumentNullException.ThrowIfNull(getter);
                CheckRawType<TValue>(type);
                AddCore(name, type, getter, annotations);
            }

            public void Add(string name, DataViewType type, Delegate getter, Annotations annotations = null)
            {
                CheckNameAndType(name, type);
                ArgumentNullException.ThrowIfNull(getter);
                Type expected = typeof(ValueGetter<>).MakeGenericType(type.RawType);
                if (!expected.IsInstanceOfType(getter))
                    throw new ArgumentException($"{nameof(getter)} must be of type '{expected}'", nameof(getter));
                AddCore(name, type, getter, annotations);
            }

            public void AddPrimitiveValue<TValue>(
                string name, PrimitiveDataViewType type, TValue value, Annotations annotations = null)
            {
                CheckNameAndType(name, type);
                CheckRawType<TValue>(type);
                ValueGetter<TValue> getter = (ref TValue destination) => destination = value;
                AddCore(name, type, getter, annotations);
            }

            public Annotations ToAnnotations() => new(_schema.ToSchema(), [.. _getters]);

            private static void CheckNameAndType(string name, DataViewType type)
            {
                if (string.IsNullOrEmpty(name))
                    throw new ArgumentNullException(nameof(name));
                ArgumentNullException.ThrowIfNull(type);
            }

            private static void CheckRawType<TValue>(DataViewType type)
            {
                if (type.RawType != typeof(TValue))
                {
                    throw new ArgumentException(
                        $"{nameof(type)}.{nameof(type.RawType)} must be of type '{typeof(TValue)}', but is " +
                        $"'{type.RawType}'.",
                        nameof(type));
                }
            }

            private void AddCore(string name, DataViewType type, Delegate getter, Annotations annotations)
            {
                _schema.AddColumn(name, type, annotations);
                _getters.Add(getter);
            }
        }
    }
}
