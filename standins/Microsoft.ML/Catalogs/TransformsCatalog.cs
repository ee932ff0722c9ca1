using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Data transformations, which come as extension methods.</summary>
public sealed partial class TransformsCatalog : IInternalCatalog
{
    private readonly IHostEnvironment _env;

    internal TransformsCatalog(IHostEnvironment env)
    {
        _env = env;
        Conversion = new ConversionTransforms(this);
    }

    public ConversionTransforms Conversion { get; }

    IHostEnvironment IInternalCatalog.Environment => _env;

    public sealed class ConversionTransforms : IInternalCatalog
    {
        private readonly IHostEnvironment _env;

        internal ConversionTransforms(TransformsCatalog owner)
        {
            _env = owner.GetEnvironment();
        }

        IHostEnvironment IInternalCatalog.Environment => _env;
    }
}
