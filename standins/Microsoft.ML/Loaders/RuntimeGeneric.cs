using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Calls of generic methods whose type arguments are known only at run time.</summary>
internal static class RuntimeGeneric
{
    /// <summary>
    /// Calls the generic method that a delegate was made from, with other type arguments. Exceptions come unwrapped.
    /// </summary>
    public static TResult Call<TResult>(Delegate instance, Type[] typeArguments, params object[] arguments)
        => (TResult)instance.Method
            .GetGenericMethodDefinition()
            .MakeGenericMethod(typeArguments)
            .Invoke(instance.Target, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    public static TResult Call<TResult>(Delegate instance, Type typeArgument, params object[] arguments)
        => Call<TResult>(instance, [typeArgument], arguments);
}
