using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>The columns that a transformer adds to one input schema, and the source columns that it computes them from.</summary>
internal abstract class RowMapping
{
    /// <param name="sources">The columns of the input schema that the added ones are computed from.</param>
    /// <param name="added">The columns that are added.</param>
    protected RowMapping(IReadOnlyList<DataViewSchema.Column> sources, params DataViewSchema.DetachedColumn[] added)
    {
        Sources = sources;
        Added = added;
    }

    public IReadOnlyList<DataViewSchema.Column> Sources { get; }

    public IReadOnlyList<DataViewSchema.DetachedColumn> Added { get; }

    /// <summary>
    /// Getters over <paramref name="input"/>, one for each added column that <paramref name="isActive"/> names by its
    /// position in <see cref="Added"/>; null for the others. Called only when at least one is active.
    /// </summary>
    /// <param name="input">A row in which <see cref="Sources"/> are active.</param>
    /// <param name="isActive">Whether an added column is asked for.</param>
    /// <param name="state">Resources of the getters, to be disposed with the row; or null.</param>
    public abstract Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state);

    /// <summary>
    /// Getter of an added column's values in another type than the column's, which only this library asks for; null for none.
    /// </summary>
    /// <typeparam name="TValue">The type.</typeparam>
    /// <param name="input">A row in which <see cref="Sources"/> are active.</param>
    /// <param name="added">The column, by its position in <see cref="Added"/>.</param>
    public virtual ValueGetter<TValue>? CreateOtherGetter<TValue>(DataViewRow input, int added) => null;
}
