using System.Runtime.InteropServices;
using Microsoft.ML.Runtime;

[assembly: Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.Data.ColumnConcatenatingTransformer),
    null,
    typeof(Microsoft.ML.SignatureLoadModel),
    "Concat Transform",
    Microsoft.ML.Data.ColumnConcatenatingTransformer.LoaderSignature)]

namespace Microsoft.ML.Data;

public sealed class ColumnConcatenatingTransformer : RowToRowTransformerBase
{
    internal const string LoaderSignature = "ConcatTransform";

    private readonly string _output;
    private readonly string[] _inputs;

    internal ColumnConcatenatingTransformer(IHostEnvironment env, string output, string[] inputs)
        : base(env.Register(nameof(ColumnConcatenatingTransformer)))
    {
        _output = output;
        _inputs = inputs;
    }

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new Concatenation(this, inputSchema);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(_output);
        ctx.Writer.Write(_inputs.Length);
        foreach (string input in _inputs)
            ctx.SaveNonEmptyString(input);
    }

    private static VersionInfo GetVersionInfo()
        => new(
            modelSignature: "CONCAT F",
            verWrittenCur: 0x00010003,
            verReadableCur: 0x00010003,
            verWeCanReadBack: 0x00010003,
            loaderAssemblyName: typeof(ColumnConcatenatingTransformer).Assembly.FullName,
            loaderSignature: LoaderSignature);

    private static ColumnConcatenatingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        string output = ctx.LoadNonEmptyString();
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count > 0, "Corrupt model file: a concatenation of no columns.");
        var inputs = new List<string>();
        for (int i = 0; i < count; i++)
            inputs.Add(ctx.LoadNonEmptyString());
        return new ColumnConcatenatingTransformer(env, output, [.. inputs]);
    }

    private sealed class Concatenation : AddedColumns
    {
        private readonly DataViewSchema.Column[] _inputs;
        private readonly PrimitiveDataViewType _itemType;

        public Concatenation(ColumnConcatenatingTransformer parent, DataViewSchema inputSchema)
            : base(inputSchema)
        {
            _inputs = parent._inputs
                .Select(name => inputSchema.GetColumnOrNull(name)
                    ?? throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", name))
                .ToArray();
            _itemType = (PrimitiveDataViewType)_inputs[0].Type.GetItemType();
            foreach (DataViewSchema.Column input in _inputs)
            {
                if (!input.Type.GetItemType().Equals(_itemType))
                    throw Contracts.ExceptSchemaMismatch(
                        nameof(inputSchema), "input", input.Name, _itemType.ToString(), input.Type.ToString());
            }

            Columns = [CreateColumn(parent._output)];
        }

        public override DataViewSchema.DetachedColumn[] Columns { get; }

        private bool IsCopy => _inputs is [{ Type: VectorDataViewType }];

        public override IEnumerable<DataViewSchema.Column> DependenciesOf(int column) => _inputs;

        public override Func<int, Delegate> GettersOver(DataViewRow input)
            => _ => RuntimeGeneric.Call<Delegate>(CreateGetter<int>, _itemType.RawType, input);

        private DataViewSchema.DetachedColumn CreateColumn(string name)
        {
            if (IsCopy)
                return new DataViewSchema.DetachedColumn(name, _inputs[0].Type, _inputs[0].Annotations);
            bool isVariable = Array.Exists(_inputs, input => input.Type is VectorDataViewType { IsKnownSize: false });
            int size = isVariable ? 0 : _inputs.Sum(SizeOf);
            var annotations = new DataViewSchema.Annotations.Builder();
            if (_itemType is NumberDataViewType && Array.TrueForAll(_inputs, input => input.IsNormalized()))
                annotations.AddPrimitiveValue(
                    AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, true);
            if (!isVariable && Array.Exists(_inputs, input => input.Type is not VectorDataViewType || input.HasSlotNames()))
                annotations.AddSlotNames(size, (ref VBuffer<ReadOnlyMemory<char>> value) =>
                {
                    ReadOnlyMemory<char>[] names = _inputs.SelectMany(NamesOf).ToArray();
                    VBuffer<ReadOnlyMemory<char>>.Copy(names, 0, ref value, names.Length);
                });
            return new DataViewSchema.DetachedColumn(
                name, new VectorDataViewType(_itemType, size), annotations.ToAnnotations());
        }

        private static int SizeOf(DataViewSchema.Column input) => (input.Type as VectorDataViewType)?.Size ?? 1;

        /// <summary>A scalar gives its column's name, a vector "column.slot" where the slot has a name.</summary>
        private static IEnumerable<ReadOnlyMemory<char>> NamesOf(DataViewSchema.Column input)
        {
            if (input.Type is not VectorDataViewType)
                return [input.Name.AsMemory()];
            if (!input.HasSlotNames())
                return new ReadOnlyMemory<char>[SizeOf(input)];
            VBuffer<ReadOnlyMemory<char>> slots = default;
            input.GetSlotNames(ref slots);
            return slots.DenseValues().Select(slot => slot.IsEmpty ? default : $"{input.Name}.{slot}".AsMemory());
        }

        private Delegate CreateGetter<T>(DataViewRow row)
        {
            if (IsCopy)
                return row.GetGetter<VBuffer<T>>(row.Schema[_inputs[0].Index]);
            Action<List<T>>[] readers = _inputs.Select(input => CreateReader<T>(row, input)).ToArray();
            var items = new List<T>();
            return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
            {
                items.Clear();
                foreach (Action<List<T>> read in readers)
                    read(items);
                var editor = VBufferEditor.Create(ref value, items.Count);
                items.CopyTo(editor.Values);
                value = editor.Commit();
            });
        }

        private static Action<List<T>> CreateReader<T>(DataViewRow row, DataViewSchema.Column input)
        {
            DataViewSchema.Column column = row.Schema[input.Index];
            if (input.Type is not VectorDataViewType vector)
            {
                var getter = row.GetGetter<T>(column);
                T item = default;
                return items =>
                {
                    getter(ref item);
                    items.Add(item);
                };
            }

            var vectorGetter = row.GetGetter<VBuffer<T>>(column);
            VBuffer<T> buffer = default;
            return items =>
            {
                vectorGetter(ref buffer);
                Contracts.Check(
                    !vector.IsKnownSize || vector.Size == buffer.Length,
                    $"Column '{input.Name}': expected {vector.Size} slots, but got {buffer.Length}");
                int start = items.Count;
                CollectionsMarshal.SetCount(items, start + buffer.Length);
                buffer.CopyTo(CollectionsMarshal.AsSpan(items)[start..]);
            };
        }
    }
}
