namespace Microsoft.ML.AudioDatasets.Datasets;

/// <summary>Which official splits are for what; a split may be for nothing of these.</summary>
/// <param name="Train">The splits to train on.</param>
/// <param name="Validation">The splits to choose by.</param>
/// <param name="Test">The splits to report.</param>
internal sealed record SplitRoles(string[] Train, string[] Validation, string[] Test)
{
    /// <summary>Roles of a data set that has folds and no splits, or none of both.</summary>
    public static SplitRoles None { get; } = new([], [], []);

    /// <summary>Splits that <see cref="AudioDataset.All"/> leaves out. Default: none.</summary>
    public string[] Aside { get; init; } = [];
}
