using System.Reflection;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport.Api;

/// <summary>Tracks a product assembly's public API in <c>src/&lt;assembly&gt;/PublicAPI.txt</c>, so that every change of it is seen.</summary>
public static class PublicApiFile
{
    /// <summary>Fails where the assembly and its file differ; rewrites the file where AUDIOML_WRITE_PUBLIC_API is 1.</summary>
    public static void Check(Assembly assembly)
    {
        string name = assembly.GetName().Name!;
        string path = Path.Combine(Checkout.Root, "src", name, "PublicAPI.txt");
        SortedDictionary<string, string> actual = PublicApi.Of(assembly, impliedInterfaces: false);
        if (Environment.GetEnvironmentVariable("AUDIOML_WRITE_PUBLIC_API") == "1")
        {
            File.WriteAllText(path, ApiList.Write(actual));
        }

        Dictionary<string, string> expected = ApiList.Read(path);
        string[] changes =
        [
            .. actual.Except(expected).Select(entry => $"+ {entry.Key}\t{entry.Value}"),
            .. expected.Except(actual).Select(entry => $"- {entry.Key}\t{entry.Value}"),
        ];
        Assert.IsEmpty(changes, $"""
            The public API of {name} is not what its PublicAPI.txt says. If the change is meant, rewrite the file with
            dotnet run build/audioml.cs -- api
            {string.Join('\n', changes.Order(StringComparer.Ordinal))}

            """);
    }
}
