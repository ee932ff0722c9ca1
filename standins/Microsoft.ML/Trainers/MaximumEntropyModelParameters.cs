using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.Trainers.MaximumEntropyModelParameters),
    null,
    typeof(Microsoft.ML.SignatureLoadModel),
    "Multiclass LR Executor",
    Microsoft.ML.Trainers.MaximumEntropyModelParameters.LoaderSignature)]

namespace Microsoft.ML.Trainers;

/// <summary>What a trainer has learnt.</summary>
public abstract class ModelParametersBase<TOutput> : ICanSaveModel
{
    private protected ModelParametersBase()
    {
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        SaveCore(ctx);
    }

    private protected abstract void SaveCore(ModelSaveContext ctx);
}

/// <summary>The biases and weights of a linear model with a score for each class.</summary>
public abstract class LinearMulticlassModelParametersBase : ModelParametersBase<VBuffer<float>>
{
    private protected LinearMulticlassModelParametersBase(float[] biasesAndWeights, int classCount, int featureCount)
    {
        Variables = biasesAndWeights;
        ClassCount = classCount;
        FeatureCount = featureCount;
    }

    internal int ClassCount { get; }

    internal int FeatureCount { get; }

    private protected float[] Variables { get; }

    public IEnumerable<float> GetBiases() => Variables.Take(ClassCount).ToArray();

    public void GetWeights(ref VBuffer<float>[] weights, out int numClasses)
    {
        numClasses = ClassCount;
        weights = Enumerable.Range(0, ClassCount)
            .Select(c => new VBuffer<float>(
                FeatureCount, Variables.AsSpan(ClassCount + (c * FeatureCount), FeatureCount).ToArray()))
            .ToArray();
    }
}

/// <summary>A linear softmax classifier: its scores are probabilities.</summary>
public sealed class MaximumEntropyModelParameters : LinearMulticlassModelParametersBase, IMulticlassModel
{
    internal const string LoaderSignature = "MultiClassLRExec";

    internal MaximumEntropyModelParameters(float[] biasesAndWeights, int classCount, int featureCount)
        : base(biasesAndWeights, classCount, featureCount)
    {
    }

    int IMulticlassModel.ClassCount => ClassCount;

    int IMulticlassModel.FeatureCount => FeatureCount;

    void IMulticlassModel.Score(ReadOnlySpan<float> features, Span<float> scores)
    {
        for (int c = 0; c < ClassCount; c++)
        {
            ReadOnlySpan<float> weights = Variables.AsSpan(ClassCount + (c * FeatureCount), FeatureCount);
            double score = Variables[c];
            for (int i = 0; i < features.Length; i++)
                score += (double)weights[i] * features[i];
            scores[c] = (float)score;
        }

        float most = float.NegativeInfinity;
        foreach (float score in scores)
            most = Math.Max(most, score);
        float sum = 0;
        foreach (ref float score in scores)
            sum += score = MathF.Exp(score - most);
        foreach (ref float score in scores)
            score /= sum;
    }

    private protected override void SaveCore(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(ClassCount);
        ctx.Writer.Write(FeatureCount);
        foreach (float value in Variables)
            ctx.Writer.Write(value);
    }

    private static MaximumEntropyModelParameters Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        int classCount = ctx.Reader.ReadInt32();
        int featureCount = ctx.Reader.ReadInt32();
        long count = classCount * (1L + featureCount);
        Stream stream = ctx.Reader.BaseStream;
        Contracts.CheckDecode(
            classCount > 0 && featureCount >= 0 && count * sizeof(float) <= stream.Length - stream.Position,
            "Corrupt model file: more weights than the file holds.");
        var variables = new float[count];
        for (int i = 0; i < variables.Length; i++)
            variables[i] = ctx.Reader.ReadSingle();
        return new MaximumEntropyModelParameters(variables, classCount, featureCount);
    }

    private static VersionInfo GetVersionInfo()
        => new(
            modelSignature: "MULTI LR",
            verWrittenCur: 0x00010005,
            verReadableCur: 0x00010005,
            verWeCanReadBack: 0x00010005,
            loaderAssemblyName: typeof(MaximumEntropyModelParameters).Assembly.FullName,
            loaderSignature: LoaderSignature);
}
