using Microsoft.ML.AudioTransformers;

namespace AudioMLNet.Reproduce;

/// <summary>A table of a paper.</summary>
/// <param name="Paper">The paper: passt, htsat or datar.</param>
/// <param name="Number">The number of the table there.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Experiments">The trainings behind its columns.</param>
/// <param name="Rows">Its rows.</param>
internal sealed record PaperTable(string Paper, int Number, string Title, Experiment[] Experiments, PaperRow[] Rows)
{
    /// <summary>What has to be known to read our numbers, or null.</summary>
    public string? Note { get; init; }

    /// <summary>The columns, those of one experiment after those of the other.</summary>
    public Column[] Columns => [.. Experiments.SelectMany(experiment => experiment.Columns)];

    /// <summary>Whether a row's models are part of an ensemble.</summary>
    public bool IsCombined(PaperRow row) => Rows.Any(other => other.EnsembleOf == row.Model);
}

/// <summary>One training and what is measured of it.</summary>
/// <param name="Dataset">The data set, by the name of its folder below that of all data.</param>
/// <param name="Columns">The columns of the table that it gives.</param>
internal sealed record Experiment(string Dataset, params Column[] Columns);

/// <summary>A column of a table.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Decimals">Decimals of its numbers.</param>
internal sealed record Column(string Name, int Decimals = 1)
{
    /// <summary>Whether it is the memory of a training, which is run in a process of its own for it.</summary>
    public bool IsMemory { get; init; }

    /// <summary>The model whose value is 1, or null. Speeds are compared so, as papers and we have other machines.</summary>
    public string? RelativeTo { get; init; }
}

/// <summary>A row of a table.</summary>
/// <param name="Model">The model's name in the paper.</param>
/// <param name="Paper">The paper's numbers, one a column; null where it has none.</param>
/// <param name="Options">The options of a training, or null for a model that is not implemented here.</param>
internal sealed record PaperRow(string Model, double?[] Paper, Func<Recipe, AudioTrainerOptions>? Options = null)
{
    /// <summary>The row whose trainings this one combines, or null.</summary>
    public string? EnsembleOf { get; init; }
}

/// <summary>What a row's options are asked for.</summary>
/// <param name="Dataset">The data set.</param>
/// <param name="IsSynthetic">Whether the data are small: then the models are, too.</param>
internal sealed record Recipe(string Dataset, bool IsSynthetic);
