using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization.Tests.Hosting;

/// <summary>The smallest transformer: twice a column, and a count of how often it was computed.</summary>
internal sealed class DoublingTransformer : RowToRowAudioTransformerBase
{
    public const string LoaderSignature = "DoublingForTests";

    private static readonly LoaderRegistration s_registration = new(typeof(DoublingTransformer).Assembly);

    private readonly string _output;
    private readonly string _input;

    public DoublingTransformer(IHostEnvironment environment, string output, string input)
        : base(environment.Register(LoaderSignature))
    {
        _output = output;
        _input = input;
    }

    /// <summary>The stream that the last one was loaded from, closed; null before.</summary>
    public static Stream? LoadedFrom { get; private set; }

    public int Computed { get; private set; }

    public int Disposed { get; private set; }

    public static void Register(IHostEnvironment environment) => s_registration.Register(environment);

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema) => new Mapping(
        this,
        SchemaChecks.GetColumn(inputSchema, _input, "Number"),
        new DataViewSchema.DetachedColumn(_output, NumberDataViewType.Single));

    private protected override void SaveModel(ModelSaveContext context) =>
        SavedModel.Save(context, "DOUBLING", 0x00010001, LoaderSignature, GetType(), writer =>
        {
            writer.Write(_output);
            writer.Write(_input);
        });

    private static ITransformer Create(IHostEnvironment environment, object context)
    {
        MlNetInternals.TryLoadBinaryStream(context, "Model.bin", entry => LoadedFrom = entry.BaseStream);
        return SavedModel.Load(context, "doubling", reader =>
            new DoublingTransformer(environment, reader.ReadString(), reader.ReadString()));
    }

    private sealed class Mapping(
        DoublingTransformer owner, DataViewSchema.Column source, DataViewSchema.DetachedColumn added)
        : RowMapping([source], added)
    {
        public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
        {
            ValueGetter<float> number = input.GetGetter<float>(Sources[0]);
            ValueGetter<float> doubled = (ref float value) =>
            {
                number(ref value);
                value *= 2;
                owner.Computed++;
            };
            state = new State(owner);
            return [doubled];
        }
    }

    private sealed class State(DoublingTransformer owner) : IDisposable
    {
        public void Dispose() => owner.Disposed++;
    }
}
