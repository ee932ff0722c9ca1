using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>Computes the features of one row's file when they are asked for, or reads them from the cache.</summary>
internal sealed class LogMelLoadingMapping(LogMelLoadingTransformer transformer, AudioLoadingMapping loading)
    : RowMapping(loading.Sources, transformer.CreateOutputColumn())
{
    private readonly ClipCuts _cuts = transformer.CreateCuts();

    /// <inheritdoc/>
    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        LogMelExtractor extractor = transformer.Extractor;
        ClipCuts.Pass cuts = _cuts.Begin();
        state = cuts;
        bool isDamaged = false;
        ValueGetter<VBuffer<float>> load = loading.Loader(
            input, extractor.NeededSamples, cuts, () => isDamaged = true);
        FeatureCache? cache = transformer.Cache;
        FeatureKeys? keys =
            cache is null ? null : new FeatureKeys(transformer.OptionsHash, loading, input);
        VBuffer<float> waveform = default;
        void Get(ref VBuffer<float> features)
        {
            byte[]? key = keys?.Current();
            if (key is not null && cache!.Read(key) is { } cached)
            {
                cuts.Add(input.Position, cached.Samples, cached.IsWhole);
                features = new VBuffer<float>(cached.Values.Length, cached.Values);
                return;
            }

            isDamaged = false;
            load(ref waveform);
            int length = checked(extractor.FrameCount(waveform.Length) * extractor.Bands);
            VBufferEditor<float> editor = VBufferEditor.Create(ref features, length);
            LogMelExtractingMapping.Extract(
                extractor, in waveform, editor.Values, transformer.InputColumnName, input.Position);
            features = editor.Commit();
            // Who reads the features of a damaged file from the cache would not hear of the damage.
            if (key is not null && !isDamaged && keys!.IsUnchanged())
            {
                cache!.Write(key, features.GetValues(), cuts.LastSamples, cuts.IsLastWhole);
            }
        }

        return [(ValueGetter<VBuffer<float>>)Get];
    }
}
