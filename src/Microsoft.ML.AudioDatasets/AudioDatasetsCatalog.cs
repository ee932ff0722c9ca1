using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioDatasets.Readers;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

/// <summary>
/// The data sets of <c>mlContext.Data</c>, read from their folders as they are downloaded, and keys of their labels.
/// </summary>
/// <remarks>
/// All of them throw <see cref="FileNotFoundException"/> for a folder with another layout, and <see
/// cref="InvalidDataException"/> for lists that are damaged, have labels outside the label set, or name recordings that
/// cannot be read and are not to be skipped. Nothing is downloaded.
/// </remarks>
public static class AudioDatasetsCatalog
{
    /// <summary>
    /// AudioSet: <c>balanced_train_segments.csv</c>, <c>unbalanced_train_segments.csv</c> and <c>eval_segments.csv</c>,
    /// those that are there; Label is a vector of text. Splits: balanced, unbalanced, evaluation.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="folder">The folder with the lists.</param>
    /// <param name="options">How it is read; the defaults if null.</param>
    public static AudioDataset LoadAudioSet(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        AudioSet.Read(Checked(catalog), folder, options);

    /// <summary>
    /// AudioSet's strong labels: <c>audioset_train_strong.tsv</c>, <c>audioset_eval_strong.tsv</c> and
    /// <c>mid_to_display_name.tsv</c>; Label, Onsets and Offsets are vectors of events. Splits: train, evaluation.
    /// </summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadAudioSetStrong(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        AudioSetStrong.Read(Checked(catalog), folder, options);

    /// <summary>ESC-50: <c>meta/esc50.csv</c> and <c>audio</c>. It has five folds and no splits.</summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadEsc50(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        Esc50.Read(Checked(catalog), folder, options);

    /// <summary>
    /// Speech Commands V2: a folder a word, <c>validation_list.txt</c> and <c>testing_list.txt</c>. Splits: train,
    /// validation, test; and background for the long recordings of noise, which have no label and are in no other view.
    /// </summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadSpeechCommands(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        SpeechCommands.Read(Checked(catalog), folder, options);

    /// <summary>
    /// OpenMIC-2018: <c>openmic-2018-aggregated-labels.csv</c>, <c>partitions</c> and <c>audio</c>. Label has a slot an
    /// instrument: 1, 0, or NaN where it is unlabelled. Splits: train, test.
    /// </summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadOpenMic2018(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        OpenMic2018.Read(Checked(catalog), folder, options);

    /// <summary>
    /// TAU Urban Acoustic Scenes 2020 Mobile (DCASE 2020, task 1a): <c>meta.csv</c>, <c>evaluation_setup</c> and
    /// <c>audio</c>; Device is a, b, c and s1 to s6. Splits: train, test; and unused for segments that the one fold uses for
    /// neither.
    /// </summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadTauUrban2020(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        TauUrban2020.Read(Checked(catalog), folder, options);

    /// <summary>
    /// FSD50K: <c>FSD50K.ground_truth</c>, <c>FSD50K.dev_audio</c> and <c>FSD50K.eval_audio</c>; Label is a vector of text.
    /// Splits: train, validation, test.
    /// </summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadFsd50k(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        Fsd50k.Read(Checked(catalog), folder, options);

    /// <summary>
    /// DESED: <c>metadata</c> and <c>audio</c>; Label, Onsets and Offsets are vectors of events, of which weak clips have
    /// labels only. Splits, those that are there: weak, unlabelled, strong, synthetic2019, synthetic2020, synthetic2021 (all
    /// to train on), validation, synthetic2021_validation, public (to test on).
    /// </summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadDesed(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        Desed.Read(Checked(catalog), folder, options);

    /// <summary>VGGSound: <c>vggsound.csv</c>. Splits: train, test.</summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadVggSound(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        VggSound.Read(Checked(catalog), folder, options);

    /// <summary>
    /// Kinetics-Sounds: the lists of Kinetics-400 (<c>train.csv</c>, <c>validate.csv</c>, <c>test.csv</c>), or folders of
    /// these names with a folder a class. Clips of other classes are left out. Splits: train, validation, test.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="classes">The classes; <see cref="AudioLabelSets.KineticsSounds"/>, the list of 32, if null.</param>
    /// <param name="options">How it is read; the defaults if null.</param>
    public static AudioDataset LoadKineticsSounds(
        this DataOperationsCatalog catalog,
        string folder,
        AudioLabelSet? classes = null,
        AudioDatasetOptions? options = null) =>
        KineticsSounds.Read(Checked(catalog), folder, classes ?? AudioLabelSets.KineticsSounds, options);

    /// <summary>
    /// EPIC-KITCHENS-100: <c>EPIC_100_train.csv</c>, <c>EPIC_100_validation.csv</c>, and the recordings of whole videos;
    /// Verb and Noun are text, Start and Duration the segment. Splits: train, validation.
    /// </summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadEpicKitchens(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        EpicKitchens.ReadActions(Checked(catalog), folder, options);

    /// <summary>
    /// EPIC-SOUNDS: <c>EPIC_Sounds_train.csv</c>, <c>EPIC_Sounds_validation.csv</c>, and the recordings of whole videos;
    /// Start and Duration are the segment. Splits: train, validation.
    /// </summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadEpicSounds(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        EpicKitchens.ReadSounds(Checked(catalog), folder, options);

    /// <summary>UrbanSound8K: <c>metadata/UrbanSound8K.csv</c> and <c>audio</c>. It has ten folds and no splits.</summary>
    /// <inheritdoc cref="LoadAudioSet"/>
    public static AudioDataset LoadUrbanSound8K(
        this DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options = null) =>
        UrbanSound8K.Read(Checked(catalog), folder, options);

    /// <summary>A folder of one's own with a folder a class, whose name is the label.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="classes">The classes in order; the folders in alphabetical order if null.</param>
    /// <param name="options">How it is read; the defaults if null.</param>
    public static AudioDataset LoadAudioFolders(
        this DataOperationsCatalog catalog,
        string folder,
        AudioLabelSet? classes = null,
        AudioDatasetOptions? options = null) =>
        AudioFolders.Read(Checked(catalog), folder, classes, options);

    /// <summary>A table of one's own with a header: CSV, or TSV where the file is called .tsv or .tab.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="file">The table.</param>
    /// <param name="columns">Its columns; path and label if null.</param>
    /// <param name="classes">The classes in order; those of the table in alphabetical order if null.</param>
    /// <param name="options">How recordings are looked at; the defaults if null.</param>
    public static AudioDataset LoadAudioTable(
        this DataOperationsCatalog catalog,
        string file,
        AudioTableColumns? columns = null,
        AudioLabelSet? classes = null,
        AudioDatasetOptions? options = null) =>
        AudioTable.Read(Checked(catalog), file, columns, classes, options);

    /// <summary>
    /// Maps labels, text or vectors of text, to keys in the order of a label set, so that class indices are the official
    /// ones whatever clips there are.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms.Conversion</c>.</param>
    /// <param name="outputColumnName">The column with the keys.</param>
    /// <param name="labels">The label set, such as <see cref="AudioDataset.Classes"/>.</param>
    /// <param name="inputColumnName">The column with the labels; <paramref name="outputColumnName"/> if null.</param>
    public static ValueToKeyMappingEstimator MapLabelToKey(
        this TransformsCatalog.ConversionTransforms catalog,
        string outputColumnName,
        AudioLabelSet labels,
        string? inputColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(labels);
        IDataView keys = new MLContext().Data.LoadFromEnumerable(
            [.. labels.Labels.Select(label => new LabelRow { Label = label })]);
        return catalog.MapValueToKey(outputColumnName, inputColumnName, keyData: keys);
    }

    private static DataOperationsCatalog Checked(DataOperationsCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog;
    }

    /// <summary>A row of the list of keys.</summary>
    private sealed class LabelRow
    {
        public string Label { get; set; } = "";
    }
}
