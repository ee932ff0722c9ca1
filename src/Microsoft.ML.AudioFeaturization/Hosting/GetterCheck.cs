namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>A getter asked for with the wrong type gets an error that names both.</summary>
internal static class GetterCheck
{
    public static ValueGetter<TValue> Cast<TValue>(Delegate getter, DataViewSchema.Column column) =>
        getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException(
            $"Column '{column.Name}' has values of type {column.Type.RawType}, not {typeof(TValue)}.");
}
