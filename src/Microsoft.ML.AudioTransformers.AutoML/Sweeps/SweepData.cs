namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>What trials are trained and evaluated on.</summary>
internal abstract record SweepData
{
    /// <summary>What the best model is fitted on where no trial's model is it.</summary>
    public abstract IDataView Training { get; }

    /// <summary>One set to train on, and one to evaluate on.</summary>
    public sealed record Split(IDataView TrainSet, IDataView ValidationSet) : SweepData
    {
        public override IDataView Training => TrainSet;
    }

    /// <summary>Rows with a column that names each one's fold.</summary>
    public sealed record Folds(IDataView Data, string FoldColumnName) : SweepData
    {
        public override IDataView Training => Data;
    }
}
