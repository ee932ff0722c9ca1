using System.Reflection;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>A call with wrong input.</summary>
/// <param name="Name">The public entry, and what is wrong.</param>
/// <param name="Call">Makes the call.</param>
/// <param name="Parts">What the exception's message must contain: the value, what was expected, and where.</param>
internal sealed record WrongCall(string Name, Action Call, params string[] Parts);

/// <summary>What came of a <see cref="WrongCall"/>.</summary>
/// <param name="Name">The call.</param>
/// <param name="Exception">The exception's type, or null where the call returned or its process was lost.</param>
/// <param name="Message">The exception's message, or how the process ended.</param>
/// <param name="Problem">Why that is not what it should be; null where it is.</param>
internal sealed record WrongCallOutcome(string Name, string? Exception, string Message, string? Problem)
{
    // What says what is wrong. Others, such as a null reference, say that nobody looked.
    private static readonly Type[] s_expected =
    [
        typeof(ArgumentException), typeof(InvalidDataException), typeof(InvalidOperationException), typeof(IOException),
        typeof(NotSupportedException),
    ];

    /// <summary>Makes the call.</summary>
    public static WrongCallOutcome Of(WrongCall wrong)
    {
        try
        {
            wrong.Call();
            return new WrongCallOutcome(wrong.Name, null, "", "nothing was thrown");
        }
        catch (Exception thrown)
        {
            // ML.NET loads a model by reflection, and tells of it.
            Exception error = thrown is TargetInvocationException { InnerException: { } inner } ? inner : thrown;
            string? missing = Array.Find(wrong.Parts, part => !error.Message.Contains(part, StringComparison.Ordinal));
            string? problem = !Array.Exists(s_expected, type => type.IsInstanceOfType(error)) ? $"it is no error of input: {error}"
                : missing is not null ? $"its message lacks '{missing}'"
                : null;
            return new WrongCallOutcome(wrong.Name, error.GetType().Name, error.Message, problem);
        }
    }

    public override string ToString() =>
        $"{(Problem is null ? "ok  " : "FAIL")} {Name}: {Exception ?? "-"}: {Message.ReplaceLineEndings(" ")}"
        + (Problem is null ? "" : $" ({Problem})");
}
