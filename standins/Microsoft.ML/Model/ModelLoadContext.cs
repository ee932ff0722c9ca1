using System.Reflection;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What a loader reads its model from: the counterpart of <see cref="ModelSaveContext"/>.</summary>
internal sealed class ModelLoadContext : IDisposable
{
    public const string ModelStreamName = "Model.key";

    public readonly RepositoryReader Repository;

    public readonly string Directory;

    public readonly BinaryReader Reader;

    public readonly string[] Strings;

    public readonly string LoaderAssemblyName;

    public readonly long FpMin;

    internal ModelHeader Header;

    internal ModelLoadContext(RepositoryReader rep, Repository.Entry ent, string dir)
    {
        Contracts.CheckValue(rep, nameof(rep));
        Contracts.CheckValue(ent, nameof(ent));
        Repository = rep;
        Directory = dir;
        Reader = new BinaryReader(ent.Stream, Encoding.UTF8, leaveOpen: true);
        ModelHeader.BeginRead(Reader, out FpMin, out Header, out Strings, out LoaderAssemblyName);
    }

    public static bool LoadModelOrNull<TRes, TSig>(
        IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(rep, nameof(rep));
        result = null;
        using Repository.Entry entry = rep.OpenEntryOrNull(dir, ModelStreamName);
        if (entry == null)
            return false;
        using var ctx = new ModelLoadContext(rep, entry, dir);
        result = ctx.CreateOrNull<TRes, TSig>(env, extra)
            ?? throw env.Process(Contracts.ExceptDecode($"Couldn't load model: '{dir}'"));
        return true;
    }

    public static void LoadModel<TRes, TSig>(
        IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        if (!LoadModelOrNull<TRes, TSig>(env, out result, rep, dir, extra))
            throw env.Process(Contracts.ExceptDecode("Corrupt model file"));
    }

    public bool LoadModelOrNull<TRes, TSig>(
        IHostEnvironment env, out TRes result, string name, params object[] extra)
        where TRes : class
        => LoadModelOrNull<TRes, TSig>(
            env, out result, Repository, Path.Combine(Directory ?? string.Empty, name), extra);

    public void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra)
        where TRes : class
    {
        if (!LoadModelOrNull<TRes, TSig>(env, out result, name, extra))
            throw env.Process(Contracts.ExceptDecode("Corrupt model file"));
    }

    public void Dispose() => Reader.Dispose();

    public void CheckAtModel()
        => Contracts.Check(
            Reader.BaseStream.Position == FpMin + Header.FpModel, "The model must be read right after its header.");

    public void CheckAtModel(VersionInfo ver)
    {
        CheckAtModel();
        CheckVersionInfo(ver);
    }

    public void CheckVersionInfo(VersionInfo ver) => ModelHeader.CheckVersionInfo(ref Header, ver);

    public string LoadStringOrNull()
    {
        int id = Reader.ReadInt32();
        Contracts.CheckDecode(id >= -1 && id < Strings.Length, "Corrupt model file: no such string.");
        return id < 0 ? null : Strings[id];
    }

    public string LoadString()
    {
        string text = LoadStringOrNull();
        Contracts.CheckDecode(text != null, "Corrupt model file: a string is missing.");
        return text;
    }

    public string LoadNonEmptyString()
    {
        string text = LoadString();
        Contracts.CheckDecode(text.Length > 0, "Corrupt model file: a string is empty.");
        return text;
    }

    public bool TryLoadBinaryStream(string name, Action<BinaryReader> action)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        Contracts.CheckValue(action, nameof(action));
        using Repository.Entry entry = Repository.OpenEntryOrNull(Directory, name);
        if (entry == null)
            return false;
        using var reader = new BinaryReader(entry.Stream, Encoding.UTF8, leaveOpen: true);
        action(reader);
        return true;
    }

    public bool TryLoadTextStream(string name, Action<TextReader> action)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        Contracts.CheckValue(action, nameof(action));
        using Repository.Entry entry = Repository.OpenEntryOrNull(Directory, name);
        if (entry == null)
            return false;
        using var reader = new StreamReader(entry.Stream, leaveOpen: true);
        action(reader);
        return true;
    }

    private TRes CreateOrNull<TRes, TSig>(IHostEnvironment env, object[] extra)
        where TRes : class
    {
        if (!string.IsNullOrEmpty(LoaderAssemblyName))
            env.ComponentCatalog.RegisterAssembly(Assembly.Load(LoaderAssemblyName));
        foreach (ModelHeader.SignatureText signature in new[] { Header.LoaderSignature, Header.LoaderSignatureAlt })
        {
            string name = signature.ToString();
            if (!string.IsNullOrWhiteSpace(name)
                && ComponentCatalog.TryCreateInstance(env, typeof(TSig), out object instance, name, [this, .. extra])
                && instance is TRes result)
            {
                ModelHeader.EndRead(FpMin, ref Header, Reader);
                return result;
            }
        }

        return null;
    }
}
