using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What the catalogs of all tasks share.</summary>
public abstract partial class TrainCatalogBase : IInternalCatalog
{
    private protected TrainCatalogBase(IHostEnvironment env, string registrationName)
    {
        Contracts.CheckNonEmpty(registrationName, nameof(registrationName));
        Environment = env;
    }

    IHostEnvironment IInternalCatalog.Environment => Environment;

    private protected IHostEnvironment Environment { get; }

    /// <summary>A task's trainers, which come as extension methods.</summary>
    public abstract class CatalogInstantiatorBase : IInternalCatalog
    {
        private protected CatalogInstantiatorBase(TrainCatalogBase owner)
        {
            Owner = owner;
        }

        IHostEnvironment IInternalCatalog.Environment => Owner.Environment;

        private TrainCatalogBase Owner { get; }
    }
}
