using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>A folder a class: all recordings below it are clips of that class.</summary>
internal static class AudioFolders
{
    public static AudioDataset Read(
        DataOperationsCatalog catalog, string folder, AudioLabelSet? labels, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder(
            $"Folder {Path.GetFileName(Path.TrimEndingDirectorySeparator(folder ?? ""))}", folder!, options);
        string[] folders =
        [
            .. Directory.EnumerateDirectories(builder.Folder.Root).Select(path => Path.GetFileName(path))
                .Where(name => name[0] != '.').Order(StringComparer.Ordinal),
        ];
        if (folders.Length == 0)
        {
            throw builder.Folder.Layout("a folder for each class/");
        }

        if (labels is null)
        {
            labels = new AudioLabelSet("the folders", folders);
        }
        else if (folders.Where(name => !labels.Contains(name)).ToArray() is { Length: > 0 } others)
        {
            throw new InvalidDataException(
                $"{builder.Folder.Dataset}: folders {NameList.Of(others)} in '{builder.Folder.Root}' are none of {labels}.");
        }

        var files = new AudioFiles(builder.Folder.Root, folders);
        foreach (AudioFile file in files.All)
        {
            builder.Add(new Clip { Name = file.Name, Label = file.Name.Split('/')[0] }, [file]);
        }

        return builder.Build(catalog, [ClipColumn.Label(labels)], SplitRoles.None, files);
    }
}
