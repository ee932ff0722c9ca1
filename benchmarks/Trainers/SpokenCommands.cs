using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;

namespace AudioMLNet.Benchmarks.Trainers;

/// <summary>The sample's ten words, spoken by voices of which some are for testing alone.</summary>
internal sealed record SpokenCommands(IDataView Training, IDataView Test)
{
    /// <param name="mlContext">Makes the rows.</param>
    /// <param name="isValidation">
    /// Whether every fourth of the training voices stands in for those of the test, to choose settings by.
    /// </param>
    /// <returns>Rows with the columns Label, a key, and Features, the waveforms.</returns>
    public static SpokenCommands Read(MLContext mlContext, bool isValidation)
    {
        string folder = Folder();
        Clip[] clips = [.. File.ReadLines(Path.Combine(folder, "clips.csv"))
            .Skip(1)
            .Select(line => line.Split(','))
            .Select(fields => new Clip
            {
                Path = Path.Combine(folder, fields[0]),
                Label = fields[1],
                Voice = fields[2],
                IsTest = fields[3] == "test",
            })];
        if (isValidation)
        {
            string[] voices = [.. clips.Where(clip => !clip.IsTest).Select(clip => clip.Voice).Distinct()];
            clips = [.. clips.Where(clip => !clip.IsTest)];
            foreach (Clip clip in clips)
            {
                clip.IsTest = Array.IndexOf(voices, clip.Voice) % 4 == 1;
            }
        }

        IDataView training = mlContext.Data.LoadFromEnumerable(clips.Where(clip => !clip.IsTest));
        IDataView test = mlContext.Data.LoadFromEnumerable(clips.Where(clip => clip.IsTest));
        ITransformer reader = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.LoadAudio("Features", "Path", sampleRate: 16_000))
            .Fit(training);
        return new SpokenCommands(reader.Transform(training), reader.Transform(test));
    }

    /// <summary>Folder of the recordings.</summary>
    public static string Folder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "samples", "SpokenCommands", "data");
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException(
            $"No folder above '{AppContext.BaseDirectory}' holds samples/SpokenCommands/data.");
    }

    private sealed class Clip
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";

        public string Voice { get; set; } = "";

        public bool IsTest { get; set; }
    }
}
