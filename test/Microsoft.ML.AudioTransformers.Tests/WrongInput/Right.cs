using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>Right input, of which wrong input is made by changing one thing.</summary>
internal static class Right
{
    public static readonly MLContext Context = new MLContext(seed: 1).RegisterAudioTransformers();

    /// <summary>Options of every model for a training of one step.</summary>
    public static IReadOnlyDictionary<string, Func<AudioTrainerOptions>> Models { get; } =
        new Dictionary<string, Func<AudioTrainerOptions>>
        {
            ["PaSST"] = () => Short(TinyModel.Options()),
            ["AST"] = () => Short(AstTrainerTests.Options()),
            ["HTS-AT"] = () => Short(HtsAtTrainerTests.Options()),
            ["DATAR"] = () => Short(DatarTrainerTests.Options()),
        };

    /// <summary>A trainer of one class a clip.</summary>
    public static IEstimator<AudioClassificationTransformer> Trainer(AudioTrainerOptions options) => options switch
    {
        PasstOptions passt => Context.MulticlassClassification.Trainers.Passt(passt),
        AstOptions ast => Context.MulticlassClassification.Trainers.Ast(ast),
        HtsAtOptions htsAt => Context.MulticlassClassification.Trainers.HtsAt(htsAt),
        _ => Context.MulticlassClassification.Trainers.Datar((DatarOptions)options),
    };

    public static AudioClassificationTransformer Train(AudioTrainerOptions options) => Trainer(options).Fit(Keyed(Clips()));

    public static TinyClip[] Clips() => TinyClip.Make(8, seed: 1, TinyModel.Classes);

    /// <summary>Rows of clips, whose features have the type that is given in place of their own.</summary>
    public static IDataView View<T>(T[] clips, DataViewType? featureType = null)
        where T : class
    {
        var definition = SchemaDefinition.Create(typeof(T));
        SchemaDefinition.Column features = definition["Features"];
        features.ColumnType = featureType ?? features.ColumnType;
        return Context.Data.LoadFromEnumerable(clips, definition);
    }

    /// <summary>Rows with keys in place of the labels.</summary>
    public static IDataView Keyed(IDataView view) =>
        Context.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);

    public static IDataView Keyed<T>(T[] clips, DataViewType? featureType = null)
        where T : class => Keyed(View(clips, featureType));

    public static VectorDataViewType Features(params int[] sizes) => new(NumberDataViewType.Single, sizes);

    /// <summary>Clips of other sizes, all zero.</summary>
    public static IDataView Silence(int frames, int mels) => Keyed(
        Array.ConvertAll(Clips(), clip => new TinyClip { Label = clip.Label, Features = new float[frames * mels] }),
        Features(frames, mels));

    /// <summary>A clip with one value changed.</summary>
    public static TinyClip[] With(float value, int clip = 5, int place = 70)
    {
        TinyClip[] clips = Clips();
        clips[clip].Features[place] = value;
        return clips;
    }

    /// <summary>Reads a column to its end.</summary>
    public static void Read(IDataView view, string name = "Score")
    {
        DataViewSchema.Column column = view.Schema[name];
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
        }
    }

    /// <summary>What still works after any number of wrong calls.</summary>
    public static void TrainAndScore()
    {
        foreach (Func<AudioTrainerOptions> options in Models.Values)
        {
            using AudioClassificationTransformer model = Train(options());
            float[][] scores = TinyModel.Scores(model.Transform(View(Clips())));
            if (scores.Length != Clips().Length || !scores.All(row => Math.Abs(row.Sum() - 1) < 1e-5))
            {
                throw new InvalidOperationException("A model scores no longer as it should.");
            }
        }
    }

    private static T Short<T>(T options)
        where T : AudioTrainerOptions
    {
        options.Epochs = 1;
        return options;
    }
}
