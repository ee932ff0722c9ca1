namespace Microsoft.ML.Runtime;

/// <summary>
/// Argument and state checks. Exceptions made here are marked, because the component catalog wraps a marked
/// exception that a loader throws and lets any other one pass.
/// </summary>
internal static class Contracts
{
    private const string MarkKey = "ML_IsMarked";

    public static T Mark<T>(T exception)
        where T : Exception
    {
        exception.Data[MarkKey] = 1;
        return exception;
    }

    public static bool IsMarked(Exception exception) => exception.Data.Contains(MarkKey);

    public static Exception Except(string message) => Mark(new InvalidOperationException(message));

    public static Exception Except(Exception inner, string message)
        => Mark(new InvalidOperationException(message, inner));

    public static Exception ExceptParam(string paramName, string message)
        => Mark(new ArgumentOutOfRangeException(paramName, message));

    public static Exception ExceptDecode(string message) => Mark(new FormatException(message));

    public static Exception ExceptDecode(Exception inner, string message)
        => Mark(new FormatException(message, inner));

    public static Exception ExceptSchemaMismatch(string paramName, string columnRole, string columnName)
        => ExceptParam(paramName, $"Could not find {columnRole} column '{columnName}'");

    public static Exception ExceptSchemaMismatch(
        string paramName, string columnRole, string columnName, string expectedType, string actualType)
        => ExceptParam(
            paramName,
            $"Schema mismatch for {columnRole} column '{columnName}': expected {expectedType}, got {actualType}");

    public static void Check(bool condition, string message)
    {
        if (!condition)
            throw Except(message);
    }

    public static void CheckParam(bool condition, string paramName, string message = null)
    {
        if (!condition)
            throw message == null
                ? Mark(new ArgumentOutOfRangeException(paramName))
                : ExceptParam(paramName, message);
    }

    public static void CheckValue<T>(T value, string paramName)
        where T : class
    {
        if (value is null)
            throw Mark(new ArgumentNullException(paramName));
    }

    public static void CheckNonEmpty(string value, string paramName)
    {
        if (string.IsNullOrEmpty(value))
            throw ExceptParam(paramName, $"{paramName} cannot be null or empty");
    }

    public static void CheckDecode(bool condition, string message)
    {
        if (!condition)
            throw ExceptDecode(message);
    }

    /// <exception cref="OperationCanceledException">The host, or a parent of it, was told to cancel.</exception>
    public static void CheckAlive(this IHostEnvironment env)
    {
        if (env is ICancelable { IsCanceled: true })
            throw env.Process(Mark(new OperationCanceledException("Operation was canceled.")));
    }
}
