// The papers' tables by one command, the paper's numbers beside ours:
//   dotnet run --project samples/Reproduce -- passt 1 --data D --weights W     passt 1|2, htsat 1|2|3, datar 1|2|3|4, or all
//   dotnet run --project samples/Reproduce -- all --synthetic                  on small data that are made first
// D has a folder a data set: audioset, esc50, speechcommands, openmic, tau2020, desed, kinetics, vggsound, epic. W has files
// of weights to start from, called as their row and data set: "PaSST-S.audioset.pt". Results are in --out, by default
// artifacts/reproduced; a run that was ended goes on there. --seeds and --epochs change the number of trainings and of their
// epochs, --clips the size of synthetic data. Trainings whose memory a table shows run in processes of their own.

using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Reproduce;
using AudioMLNet.Reproduce.Synthetic;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioTransformers;
using TorchSharp;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Settings settings;
try
{
    settings = Settings.Read(args);
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(
        $"{exception.Message}\nusage: Reproduce passt 1|2 | htsat 1|2|3 | datar 1|2|3|4 | all\n"
        + "                 --data D [--weights W] | --synthetic  [--out folder] [--seeds n] [--epochs n] [--clips n]");
    return 2;
}

if (settings.IsSynthetic)
{
    // Models this small gain nothing from a second thread, and lose much to it on a busy machine.
    torch.set_num_threads(1);
}

foreach (PaperTable table in settings.Tables)
{
    var clock = Stopwatch.StartNew();
    var results = new Results(settings, table);
    try
    {
        results.CheckSettings();
    }
    catch (ArgumentException exception)
    {
        Console.Error.WriteLine(exception.Message);
        return 2;
    }

    foreach (Experiment experiment in table.Experiments)
    {
        if (Open(experiment.Dataset) is { } dataset)
        {
            Run(table, experiment, results, new Study(settings, dataset, experiment.Dataset));
        }
    }

    if (settings.Only is not null)
    {
        continue;
    }

    Console.WriteLine(results.Write());
    Console.WriteLine(FormattableString.Invariant($"{clock.Elapsed.TotalSeconds:F0} s\n"));
}

return 0;

AudioDataset? Open(string name)
{
    string folder = Path.Combine(settings.Data, name);
    if (settings.IsSynthetic && !Directory.Exists(folder))
    {
        SyntheticDatasets.Makers[name](folder, settings.Clips);
    }

    if (!Directory.Exists(folder))
    {
        Console.WriteLine($"no data of {name}: there is no folder '{folder}'");
        return null;
    }

    AudioDataset dataset = Study.Load(name, folder);
    if (settings.Only is null)
    {
        Console.WriteLine(dataset);
    }

    return dataset;
}

// A training in a process of its own, which leaves its result where this one then finds it.
void RunAlone(PaperTable table, string training)
{
    string number = table.Number.ToString(CultureInfo.InvariantCulture);
    string[] arguments =
        [typeof(Results).Assembly.Location, table.Paper, number, .. settings.Arguments, "--only", training];
    using Process process = Process.Start("dotnet", arguments);
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        throw new InvalidOperationException($"The process of {training} ended with {process.ExitCode}.");
    }
}

void Run(PaperTable table, Experiment experiment, Results results, Study study)
{
    var recipe = new Recipe(experiment.Dataset, settings.IsSynthetic);
    foreach (PaperRow row in table.Rows)
    {
        PaperRow? parts = table.Rows.FirstOrDefault(other => other.Model == row.EnsembleOf);
        if (parts is not null && settings.Only is null)
        {
            string[] models =
                [.. Enumerable.Range(1, settings.Seeds).Select(seed => results.PathOf(parts, recipe.Dataset, seed))];
            // The number of models in the place of the seed: that of more is another result.
            results.Add(row, recipe.Dataset, settings.Seeds, () => study.Combine(parts.Options!(recipe), models));
        }
        else if (row.Options is not null)
        {
            for (int seed = 1; seed <= settings.Seeds; seed++)
            {
                string training = Results.NameOf(row, recipe.Dataset, seed);
                if (settings.Only is { } only && only != training)
                {
                    continue;
                }

                if (settings.Only is null && experiment.Columns.Any(column => column.IsMemory)
                    && !results.Has(row, recipe.Dataset, seed))
                {
                    RunAlone(table, training);
                }

                AudioTrainerOptions options = row.Options(recipe);
                options.PretrainedWeights = WeightsOf(row.Model, recipe.Dataset);
                int current = seed;
                results.Add(row, recipe.Dataset, seed, () =>
                {
                    Console.WriteLine(
                        $"{row.Model} on {recipe.Dataset}, seed {current}, from "
                        + $"{(options.PretrainedWeights is { } file ? Path.GetFileName(file) : "random weights")}");
                    string? models = table.IsCombined(row) ? results.PathOf(row, recipe.Dataset, current) : null;
                    return study.Train(options, current, models);
                });
            }
        }
    }
}

string? WeightsOf(string model, string dataset) => settings.Weights is null
    ? null
    : Directory.EnumerateFiles(settings.Weights, $"{model}.{dataset}.*").Order(StringComparer.Ordinal).FirstOrDefault();
