using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>Tries whether a row's added value can be computed, in less memory than the value takes.</summary>
internal abstract class RowTrial
{
    /// <summary>Tries the row; an exception is the one that the value's getter throws.</summary>
    /// <returns>Whether the value can be computed; false if only its getter tells.</returns>
    public abstract bool Try();

    /// <summary>Forgets what the trial kept of the row before.</summary>
    public abstract void Forget();

    /// <summary>
    /// A getter of the added column that gives what the trial of the row kept, so that nothing is computed twice, or else what
    /// <paramref name="getter"/> gives. Its values are valid as long as those of <paramref name="getter"/>, or until the cursor
    /// moves.
    /// </summary>
    /// <typeparam name="TValue">Another type than the column's own.</typeparam>
    /// <param name="getter">The getter without a trial.</param>
    public abstract ValueGetter<TValue> Kept<TValue>(ValueGetter<TValue> getter);
}
