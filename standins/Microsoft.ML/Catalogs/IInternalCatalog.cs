using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How extension methods of a catalog come by its environment.</summary>
internal interface IInternalCatalog
{
    IHostEnvironment Environment { get; }
}

internal static class CatalogUtils
{
    public static IHostEnvironment GetEnvironment(this IInternalCatalog catalog) => catalog.Environment;
}
