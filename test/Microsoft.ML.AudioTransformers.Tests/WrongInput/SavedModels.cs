using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>A model that was saved, of which wrong ones are made.</summary>
/// <param name="folder">Where it is, as a zip file of its name.</param>
/// <param name="name">Its name.</param>
/// <param name="rows">What it scores.</param>
/// <param name="hasTask">Whether its task is saved after its description.</param>
internal sealed class SavedModels(TemporaryFolder folder, string name, IDataView rows, bool hasTask)
{
    /// <summary>A model with a part of its description, or of its task, replaced.</summary>
    public WrongCall With(string what, string part, string by, params string[] parts) => With(
        what,
        content =>
        {
            SavedContent changed = content with
            {
                Description = content.Description.Replace(part, by, StringComparison.Ordinal),
                Task = content.Task?.Replace(part, by, StringComparison.Ordinal),
            };
            return changed != content
                ? changed
                : throw new KeyNotFoundException($"'{part}' is not in {content.Description}, {content.Task}.");
        },
        parts);

    /// <summary>A model that is loaded, and scores, after a change.</summary>
    public WrongCall With(string what, Func<SavedContent, SavedContent> change, params string[] parts) => new(
        $"{name} model file: {what}",
        () =>
        {
            string path = folder.File("tampered.zip");
            File.Copy(folder.File($"{name}.zip"), path, overwrite: true);
            Write(path, change(Open()));
            ITransformer loaded = Right.Context.Model.Load(path, out _);
            Right.Read(loaded.Transform(rows));
        },
        parts);

    /// <summary>A member of the description, as text.</summary>
    public string Part(string member) =>
        JsonDocument.Parse(Open().Description).RootElement.GetProperty(member).GetRawText();

    /// <summary>Reads the file.</summary>
    public SavedContent Open()
    {
        using ZipArchive zip = ZipFile.OpenRead(folder.File($"{name}.zip"));
        using Stream stream = Entry(zip).Open();
        using BinaryReader reader = new(stream);
        string description = reader.ReadString();
        string? task = hasTask ? reader.ReadString() : null;
        using MemoryStream weights = new();
        stream.CopyTo(weights);
        return new SavedContent(description, task, weights.ToArray());
    }

    private static void Write(string path, SavedContent content)
    {
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Update);
        ZipArchiveEntry entry = Entry(zip);
        string place = entry.FullName;
        entry.Delete();

        zip.GetEntry(place + ".sha256")!.Delete();
        using MemoryStream bytes = new();
        using (BinaryWriter writer = new(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(content.Description);
            if (content.Task is { } task)
            {
                writer.Write(task);
            }

            writer.Write(content.Weights);
        }

        // With the sum that it then has, so that the content alone tells what is wrong.
        Add(zip, place, bytes.ToArray());
        Add(zip, place + ".sha256", SHA256.HashData(bytes.ToArray()));
    }

    private static void Add(ZipArchive zip, string name, byte[] bytes)
    {
        using Stream stream = zip.CreateEntry(name).Open();
        stream.Write(bytes);
    }

    private static ZipArchiveEntry Entry(ZipArchive zip) =>
        zip.Entries.Single(entry => entry.FullName.EndsWith("Model.bin", StringComparison.Ordinal));
}

/// <summary>What a saved model holds: its description as JSON, its task as JSON, unless it is null, and its weights.</summary>
internal sealed record SavedContent(string Description, string? Task, byte[] Weights);
