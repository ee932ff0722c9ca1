using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

/// <summary>The library reads recordings in managed code alone.</summary>
[TestClass]
public sealed class ManagedCodeTests
{
    [TestMethod]
    public void No_native_function_is_called()
    {
        using FileStream file = File.OpenRead(typeof(AudioReader).Assembly.Location);
        using var image = new PEReader(file);
        MetadataReader code = image.GetMetadataReader();
        Assert.AreEqual(CorFlags.ILOnly, image.PEHeaders.CorHeader!.Flags & CorFlags.ILOnly);

        // Methods of native libraries, and the libraries that they are in.
        Assert.AreEqual(0, code.GetTableRowCount(TableIndex.ImplMap));
        Assert.AreEqual(0, code.GetTableRowCount(TableIndex.ModuleRef));
        string[] named = [.. code.TypeReferences.Select(reference => code.GetString(code.GetTypeReference(reference).Name))];
        CollectionAssert.Contains(named, nameof(FileStream));
        foreach (string loader in new[] { "NativeLibrary", "UnmanagedCallersOnlyAttribute", "UnmanagedFunctionPointerAttribute" })
        {
            CollectionAssert.DoesNotContain(named, loader);
        }
    }

    [TestMethod]
    public void No_native_file_is_beside_the_library()
    {
        string folder = Path.Combine(Checkout.Root, "src", "Microsoft.ML.AudioFeaturization");
        string[] files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        Assert.IsEmpty(files.Where(file => Path.GetExtension(file) is ".so" or ".dylib" or ".a"
            || Path.GetFileName(Path.GetDirectoryName(file)) == "native").ToArray());
    }
}
