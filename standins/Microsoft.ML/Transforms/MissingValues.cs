namespace Microsoft.ML.Data;

/// <summary>The missing values of the column types: NaN, the empty text, the key 0. Other types have none.</summary>
internal static class MissingValues
{
    /// <summary>What stands for a missing value: the missing one of the type, or else its default.</summary>
    public static T Of<T>(PrimitiveDataViewType type)
    {
        if (typeof(T) == typeof(float))
            return (T)(object)float.NaN;
        return typeof(T) == typeof(double) ? (T)(object)double.NaN : default;
    }

    public static Func<T, bool> Test<T>(PrimitiveDataViewType type)
    {
        if (typeof(T) == typeof(float))
            return (Func<T, bool>)(object)(Func<float, bool>)float.IsNaN;
        if (typeof(T) == typeof(double))
            return (Func<T, bool>)(object)(Func<double, bool>)double.IsNaN;
        if (typeof(T) == typeof(ReadOnlyMemory<char>))
            return (Func<T, bool>)(object)(Func<ReadOnlyMemory<char>, bool>)(text => text.IsEmpty);
        if (type is KeyDataViewType)
            return value => EqualityComparer<T>.Default.Equals(value, default);
        return _ => false;
    }
}
