namespace Microsoft.ML.AudioDatasets.Datasets;

/// <summary>How many clips the official lists of a data set have, and where that is published.</summary>
/// <param name="Source">The publication.</param>
/// <param name="Clips">The number of clips of each split, or of each fold, by its name here; splits that are not in it are
/// not compared.</param>
internal sealed record PublishedCounts(string Source, IReadOnlyDictionary<string, int> Clips)
{
    /// <summary>The data sets whose counts are published, by <see cref="AudioDatasetReport.Dataset"/>.</summary>
    public static IReadOnlyDictionary<string, PublishedCounts> All { get; } = new Dictionary<string, PublishedCounts>
    {
        ["AudioSet"] = new(
            "num_segs in the second line of each official list",
            new Dictionary<string, int> { ["balanced"] = 22_160, ["unbalanced"] = 2_041_789, ["evaluation"] = 20_371 }),
        ["DESED"] = new(
            "README of turpaultn/DESED",
            new Dictionary<string, int>
            {
                ["weak"] = 1_578,
                ["unlabelled"] = 14_412,
                ["validation"] = 1_168,
                ["public"] = 692,
            }),
        ["EPIC-KITCHENS-100"] = new(
            "Damen et al., \"Rescaling Egocentric Vision\", IJCV 2022, table 2",
            new Dictionary<string, int> { ["train"] = 67_217, ["validation"] = 9_668 }),
        ["EPIC-SOUNDS"] = new(
            "EPIC_Sounds_validation.csv of epic-kitchens/epic-sounds-annotations",
            new Dictionary<string, int> { ["validation"] = 8_035 }),
        ["ESC-50"] = new(
            "Piczak, \"ESC: Dataset for Environmental Sound Classification\", ACM MM 2015: 40 clips of 50 classes, 5 folds",
            new Dictionary<string, int> { ["1"] = 400, ["2"] = 400, ["3"] = 400, ["4"] = 400, ["5"] = 400 }),
        ["FSD50K"] = new(
            "Fonseca et al., \"FSD50K\", IEEE/ACM TASLP 2022, section 4: 40,966 of development, 4,170 of them to validate",
            new Dictionary<string, int> { ["train"] = 36_796, ["validation"] = 4_170, ["test"] = 10_231 }),
        ["OpenMIC-2018"] = new(
            "split01_train.csv and split01_test.csv of cosmir/openmic-2018",
            new Dictionary<string, int> { ["train"] = 14_915, ["test"] = 5_085 }),
        ["Speech Commands V2"] = new(
            "Warden, \"Speech Commands\", 2018: 105,829 clips, and the data set's two lists",
            new Dictionary<string, int> { ["train"] = 84_843, ["validation"] = 9_981, ["test"] = 11_005 }),
        ["UrbanSound8K"] = new(
            "Salamon et al., \"A Dataset and Taxonomy for Urban Sound Research\", ACM MM 2014: 8,732 clips, and its csv",
            new Dictionary<string, int>
            {
                ["1"] = 873,
                ["2"] = 888,
                ["3"] = 925,
                ["4"] = 990,
                ["5"] = 936,
                ["6"] = 823,
                ["7"] = 838,
                ["8"] = 806,
                ["9"] = 816,
                ["10"] = 837,
            }),
        ["VGGSound"] = new("data/test.csv of hche11/VGGSound", new Dictionary<string, int> { ["test"] = 15_446 }),
    };
}
