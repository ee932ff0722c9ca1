using System.Reflection;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport;

/// <summary>
/// Finds the reference cases: folders <c>&lt;category&gt;/&lt;case&gt;</c>, each with a <c>case.json</c> and, mostly,
/// a <c>tensors.safetensors</c>.
/// </summary>
public static class Goldens
{
    /// <summary>
    /// The folder in the environment variable AUDIOML_GOLDENS, else <c>../shared/goldens</c> beside the checkout,
    /// else the small selection in <c>test/goldens</c>.
    /// </summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The category folders that <see cref="Root"/> holds, in ordinal order.</summary>
    public static IEnumerable<string> Categories => FoldersIn(Root);

    /// <summary>The cases of a category as test data: one string each, <c>&lt;category&gt;/&lt;case&gt;</c>.</summary>
    public static IEnumerable<object[]> Cases(string category)
    {
        string folder = Path.Combine(Root, category);
        return Directory.Exists(folder)
            ? FoldersIn(folder)
                .Where(name => File.Exists(Path.Combine(folder, name, "case.json")))
                .Select(name => new object[] { $"{category}/{name}" })
            : [];
    }

    /// <summary>A result's name: the case's id and nothing else.</summary>
    public static string DisplayName(MethodInfo method, object?[]? data) =>
        data is [string id, ..] ? id : method.Name;

    /// <summary>Reads one case.</summary>
    /// <param name="id"><c>&lt;category&gt;/&lt;case&gt;</c></param>
    public static GoldenCase Load(string id) => new(Root, id);

    private static IEnumerable<string> FoldersIn(string folder) =>
        Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        string? named = Environment.GetEnvironmentVariable("AUDIOML_GOLDENS");
        if (!string.IsNullOrEmpty(named))
        {
            return Directory.Exists(named)
                ? Path.GetFullPath(named)
                : throw new DirectoryNotFoundException($"AUDIOML_GOLDENS names '{named}', which is not a folder.");
        }

        string shared = Path.GetFullPath(Path.Combine(Checkout.Root, "..", "shared", "goldens"));
        return Directory.Exists(shared) ? shared : Path.Combine(Checkout.Root, "test", "goldens");
    }
}
