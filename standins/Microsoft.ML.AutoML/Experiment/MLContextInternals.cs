using System.Reflection;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.AutoML;

/// <summary>What the real AutoML reaches inside Microsoft.ML as a friend assembly.</summary>
internal static class MLContextInternals
{
    private static readonly PropertyInfo s_seed =
        typeof(Runtime.IHostEnvironment).Assembly.GetType("Microsoft.ML.Runtime.IHostEnvironmentInternal", throwOnError: true).GetProperty("Seed");

    public static int? GetSeed(this MLContext context) => (int?)s_seed.GetValue(context);

    public static void Cancel(this MLContext context) => CancelExecution(context);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(CancelExecution))]
    private static extern void CancelExecution(MLContext context);
}
