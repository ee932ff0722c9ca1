using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Where a model writes itself: a directory of the repository, with a header that says who can load it.</summary>
public sealed class ModelSaveContext : IDisposable
{
    internal readonly RepositoryWriter Repository;

    internal readonly string Directory;

    internal readonly BinaryWriter Writer;

    internal ModelHeader Header;

    internal readonly long FpMin;

    private readonly List<string> _strings = [];
    private readonly Repository.Entry _entry;
    private string _loaderAssemblyName;
    private bool _disposed;

    internal ModelSaveContext(RepositoryWriter rep, string dir, string name)
    {
        Contracts.CheckValue(rep, nameof(rep));
        Contracts.CheckNonEmpty(name, nameof(name));
        Repository = rep;
        Directory = dir;
        _entry = rep.CreateEntry(dir, name);
        Writer = new BinaryWriter(_entry.Stream, Encoding.UTF8, leaveOpen: true);
        ModelHeader.BeginWrite(Writer, out FpMin, out Header);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Writer.Dispose();
        _entry.Dispose();
    }

    internal static void SaveModel<T>(RepositoryWriter rep, T value, string path)
        where T : class
    {
        if (value == null)
            return;
        Contracts.Check(value is ICanSaveModel, $"A {value.GetType()} cannot be saved.");
        using var ctx = new ModelSaveContext(rep, path, ModelLoadContext.ModelStreamName);
        ((ICanSaveModel)value).Save(ctx);
        ctx.Done();
    }

    internal void SaveModel<T>(T value, string name)
        where T : class
        => SaveModel(Repository, value, Path.Combine(Directory ?? string.Empty, name));

    internal void CheckAtModel()
        => Contracts.Check(
            Writer.BaseStream.Position == FpMin + Header.FpModel, "The model must be written right after its header.");

    internal void SetVersionInfo(VersionInfo ver)
    {
        ModelHeader.SetVersionInfo(ref Header, ver);
        _loaderAssemblyName = ver.LoaderAssemblyName;
    }

    internal void SaveTextStream(string name, Action<TextWriter> action)
    {
        using Repository.Entry entry = CreateEntry(name, action);
        using var writer = new StreamWriter(entry.Stream, leaveOpen: true);
        action(writer);
    }

    internal void SaveBinaryStream(string name, Action<BinaryWriter> action)
    {
        using Repository.Entry entry = CreateEntry(name, action);
        using var writer = new BinaryWriter(entry.Stream, Encoding.UTF8, leaveOpen: true);
        action(writer);
    }

    internal void SaveStringOrNull(string str)
    {
        if (str == null)
            Writer.Write(-1);
        else
            SaveString(str);
    }

    internal void SaveString(string str)
    {
        Contracts.CheckValue(str, nameof(str));
        int id = _strings.IndexOf(str);
        if (id < 0)
        {
            id = _strings.Count;
            _strings.Add(str);
        }

        Writer.Write(id);
    }

    internal void SaveNonEmptyString(string str)
    {
        Contracts.CheckNonEmpty(str, nameof(str));
        SaveString(str);
    }

    internal void Done()
    {
        Contracts.Check(Header.ModelSignature != 0, "ModelSignature not specified!");
        ModelHeader.EndWrite(Writer, FpMin, ref Header, _strings, _loaderAssemblyName);
        Dispose();
    }

    private Repository.Entry CreateEntry<TWriter>(string name, Action<TWriter> action)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        Contracts.CheckValue(action, nameof(action));
        return Repository.CreateEntry(Directory, name);
    }
}
