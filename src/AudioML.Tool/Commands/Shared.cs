using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;

namespace AudioML.Tool.Commands;

/// <summary>A recording as models take it. The label is empty where nobody asks for it.</summary>
internal sealed class Recording
{
    /// <summary>Path of the file.</summary>
    public string Path { get; set; } = "";

    /// <summary>Label.</summary>
    public string Label { get; set; } = "";
}

/// <summary>Options, files and models that several commands have.</summary>
internal static class Shared
{
    private const int DefaultRate = 16_000;

    /// <summary>Option of JSON.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print results as JSON, one object a line." };

    /// <summary>Option of a model.</summary>
    public static Option<FileInfo> Model() => new("--model", "-m")
    {
        Description = "A model that train saved (.zip), or a file of published weights (.pt, .ckpt, .safetensors).",
        Required = true,
    };

    /// <summary>Argument of a data set.</summary>
    public static Argument<string> Data() => new("data")
    {
        Description = "A folder with a folder for each class, or a table (.csv, .tsv) with the columns path and label "
            + "and, if there is one, split.",
    };

    /// <summary>Reads a folder with a folder for each class, or a table.</summary>
    public static AudioDataset ReadData(MLContext mlContext, string path)
    {
        if (Directory.Exists(path))
        {
            return mlContext.Data.LoadAudioFolders(path);
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no folder and no table '{path}'.", path);
        }

        string header = File.ReadLines(CheckFile(path)).FirstOrDefault() ?? "";
        bool hasSplit = header.Split(',', '\t').Any(name => name.Trim('"', ' ') == "split");
        return mlContext.Data.LoadAudioTable(path, new AudioTableColumns { Split = hasSplit ? "split" : null });
    }

    /// <summary>Checks that a file can be read more than once, and to its end.</summary>
    /// <returns>The path.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is empty, or a pipe or a device, which seem so.</exception>
    public static string CheckFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        }

        // The link of a shell's <(...) leads to a pipe, which has no name.
        FileInfo file = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
        if (!file.Exists)
        {
            throw new InvalidDataException($"'{path}' is a link to '{file.FullName}', which is no file; expected a file.");
        }

        return file.Length > 0
            ? path
            : throw new InvalidDataException($"'{path}' is empty, or a pipe or a device; expected a file with content.");
    }

    /// <summary>Training and test clips: the data set's own splits, or a share of all clips.</summary>
    public static (IDataView Training, IDataView Test) Split(MLContext mlContext, AudioDataset data, double share)
    {
        if (data.Splits.Contains("train") && data.Splits.Contains("test"))
        {
            return (data.Train, data.Test);
        }

        DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(data.All, share, seed: 1);
        return (split.TrainSet, split.TestSet);
    }

    /// <summary>Sample rate that weights want, or 16 kHz.</summary>
    public static int RateOf(MLContext mlContext, string? weights) =>
        weights is null ? DefaultRate : mlContext.Model.DescribeAudioCheckpoint(weights).FrontEnd?.SampleRate ?? DefaultRate;

    /// <inheritdoc cref="LoadModel(MLContext, FileInfo, out DataViewSchema)"/>
    public static ITransformer LoadModel(MLContext mlContext, FileInfo file) => LoadModel(mlContext, file, out _);

    /// <summary>Loads a model of recordings: a saved chain, or published weights behind a reader of files.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="file">The model.</param>
    /// <param name="inputSchema">Schema of the rows that it was trained with.</param>
    public static ITransformer LoadModel(MLContext mlContext, FileInfo file, out DataViewSchema inputSchema)
    {
        if (!file.Exists)
        {
            throw new FileNotFoundException($"There is no model '{file}'.", file.FullName);
        }

        mlContext.RegisterAudioTransformers();
        if (file.Extension.Equals(".zip", StringComparison.OrdinalIgnoreCase))
        {
            return mlContext.Model.Load(CheckFile(file.FullName), out inputSchema);
        }

        AudioModelTransformer tagger = mlContext.Model.LoadAudioCheckpoint(file.FullName);
        IDataView none = mlContext.Data.LoadFromEnumerable<Recording>([]);
        inputSchema = none.Schema;
        ITransformer reader = mlContext.Transforms
            .LoadAudio(tagger.FeatureColumnName, "Path", RateOf(mlContext, file.FullName)).Fit(none);
        return new TransformerChain<ITransformer>(reader, tagger);
    }
}
