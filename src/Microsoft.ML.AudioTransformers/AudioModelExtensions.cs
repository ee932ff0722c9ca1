using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML;

/// <summary>Finds the audio model in a trained or loaded chain of transformers.</summary>
public static class AudioModelExtensions
{
    /// <summary>
    /// The model of sounds in a chain: <c>model.AudioModel().SaveOnnx("model.onnx")</c>. Of detectors of sound events, which
    /// score otherwise, see <see cref="FindTransformer{TTransformer}(ITransformer)"/>.
    /// </summary>
    /// <param name="model">A transformer, alone or a chain of them, trained or loaded.</param>
    /// <returns>The transformer; it belongs to the chain.</returns>
    /// <exception cref="ArgumentException">There is none, or more than one.</exception>
    public static AudioModelTransformer AudioModel(this ITransformer model) => model.FindTransformer<AudioModelTransformer>();

    /// <summary>The transformer of a type in a chain.</summary>
    /// <typeparam name="TTransformer">Type, such as <see cref="SoundEventDetectionTransformer"/>.</typeparam>
    /// <param name="model">A transformer, alone or a chain of them, trained or loaded.</param>
    /// <returns>The transformer; it belongs to the chain.</returns>
    /// <exception cref="ArgumentException">There is none, or more than one.</exception>
    public static TTransformer FindTransformer<TTransformer>(this ITransformer model)
        where TTransformer : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(model);
        List<ITransformer> all = [];
        Stack<ITransformer> open = new([model]);
        while (open.TryPop(out ITransformer? next))
        {
            if (next is TTransformer or not IEnumerable<ITransformer>)
            {
                all.Add(next);
            }
            else
            {
                foreach (ITransformer part in (IEnumerable<ITransformer>)next)
                {
                    open.Push(part);
                }
            }
        }

        TTransformer[] found = [.. all.OfType<TTransformer>()];
        return found is [var only] ? only : throw new ArgumentException(
            $"The model has {(found.Length == 0 ? "no" : $"{found.Length} transformers of type")} {typeof(TTransformer).Name}; "
            + $"expected one. It consists of: {string.Join(", ", all.Select(part => part.GetType().Name).Reverse())}.",
            nameof(model));
    }
}
