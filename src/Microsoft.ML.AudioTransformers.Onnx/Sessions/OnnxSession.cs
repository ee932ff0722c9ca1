using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.AudioTransformers.Onnx.Sessions;

/// <summary>Session of ONNX Runtime over a model. Safe for several threads at once.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();

    // Runs hold it to read, disposal to write: the native session must not go while it runs.
    private readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.NoRecursion);
    private bool _isDisposed;

    private OnnxSession(InferenceSession session, string name)
    {
        _session = session;
        Name = name;
    }

    /// <summary>Name of the model in messages.</summary>
    public string Name { get; }

    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>Inputs by name, with their sizes: -1 where any is taken.</summary>
    public IReadOnlyDictionary<string, int[]> Inputs =>
        _session.InputMetadata.ToDictionary(input => input.Key, input => input.Value.Dimensions);

    /// <summary>Inputs that a run need not give, by name, with their sizes.</summary>
    public IReadOnlyDictionary<string, int[]> OptionalInputs =>
        _session.OverridableInitializerMetadata.ToDictionary(input => input.Key, input => input.Value.Dimensions);

    /// <summary>Outputs by name, with their sizes.</summary>
    public IReadOnlyDictionary<string, int[]> Outputs =>
        _session.OutputMetadata.ToDictionary(output => output.Key, output => output.Value.Dimensions);

    /// <summary>Loads a model.</summary>
    /// <exception cref="InvalidDataException">The native library does not load it.</exception>
    /// <exception cref="NotSupportedException">The native library lacks an execution provider.</exception>
    public static OnnxSession Open(ModelContent content, OnnxAudioOptions options)
    {
        using var session = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        if (options.Threads > 0)
        {
            session.IntraOpNumThreads = options.Threads;
        }

        ProviderNames.Append(session, options.ExecutionProviders);
        try
        {
            InferenceSession opened = content.Open(
                path => new InferenceSession(path, session), bytes => new InferenceSession(bytes, session));
            return new OnnxSession(opened, content.Name);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new InvalidDataException(
                $"{content.Name} is no ONNX model that ONNX Runtime {OrtEnv.Instance().GetVersionString()} loads: "
                + exception.Message, exception);
        }
    }

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">Names, values and sizes of the inputs.</param>
    /// <param name="outputs">Names of the outputs.</param>
    /// <returns>Values of the outputs.</returns>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    /// <exception cref="InvalidOperationException">A value of an output is not finite.</exception>
    public float[][] Run(IReadOnlyList<OnnxInput> inputs, params string[] outputs)
    {
        OrtValue[] values = new OrtValue[inputs.Count];
        _lock.EnterReadLock();
        try
        {
            ThrowIfDisposed();
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = OrtValue.CreateTensorValueFromMemory(inputs[i].Values, inputs[i].Shape);
            }

            using IDisposableReadOnlyCollection<OrtValue> results =
                _session.Run(_run, [.. inputs.Select(input => input.Name)], values, outputs);
            float[][] found = [.. results.Select(result => result.GetTensorDataAsSpan<float>().ToArray())];
            for (int i = 0; i < found.Length; i++)
            {
                // The first dimension is the batch's, but for an output that has none.
                int count = results[i].GetTensorTypeAndShape().Shape is [> 0 and var first, ..] ? (int)first : 1;
                FiniteOutput.Check(found[i], count, Name, $"output '{outputs[i]}'");
            }

            return found;
        }
        finally
        {
            Array.ForEach(values, value => value?.Dispose());
            _lock.ExitReadLock();
        }
    }

    /// <summary>Checks that the session is not disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is.</exception>
    public void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            throw new ObjectDisposedException(
                "OnnxAudioTransformer",
                $"The model of {Name} is disposed. A PredictionEngine disposes its model unless it is made with "
                + "PredictionEngineOptions.OwnsTransformer = false; keep the model until all its uses are over, or load it again.");
        }
    }

    public void Dispose()
    {
        _lock.EnterWriteLock();
        try
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _run.Dispose();
                _session.Dispose();
            }
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }
}

/// <summary>Input of a run.</summary>
/// <param name="Name">Name.</param>
/// <param name="Values">Values.</param>
/// <param name="Shape">Sizes.</param>
internal readonly record struct OnnxInput(string Name, float[] Values, long[] Shape);
