namespace Microsoft.ML.Data;

/// <summary>The annotations whose names mean something to ML.NET.</summary>
internal static class AnnotationUtils
{
    public static KeyDataViewType ScoreColumnSetIdType { get; } = new(typeof(uint), int.MaxValue);

    public static VectorDataViewType GetNamesType(int size) => new(TextDataViewType.Instance, size);

    public static void AddSlotNames(
        this DataViewSchema.Annotations.Builder builder, int size, ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter)
        => builder.Add(Kinds.SlotNames, GetNamesType(size), getter);

    public static void AddKeyValues<TValue>(
        this DataViewSchema.Annotations.Builder builder,
        int size,
        PrimitiveDataViewType valueType,
        ValueGetter<VBuffer<TValue>> getter)
        => builder.Add(Kinds.KeyValues, new VectorDataViewType(valueType, size), getter);

    public static bool HasSlotNames(this DataViewSchema.Column column, int vectorSize)
        => vectorSize > 0
            && column.Annotations.Schema.GetColumnOrNull(Kinds.SlotNames)?.Type is VectorDataViewType names
            && names.Size == vectorSize
            && names.ItemType is TextDataViewType;

    public static class Kinds
    {
        public const string SlotNames = "SlotNames";
        public const string KeyValues = "KeyValues";
        public const string ScoreColumnSetId = "ScoreColumnSetId";
        public const string ScoreColumnKind = "ScoreColumnKind";
        public const string ScoreValueKind = "ScoreValueKind";
        public const string IsNormalized = "IsNormalized";
        public const string IsUserVisible = "IsUserVisible";
        public const string TrainingLabelValues = "TrainingLabelValues";
        public const string CategoricalSlotRanges = "CategoricalSlotRanges";
    }

    public static class Const
    {
        public static class ScoreColumnKind
        {
            public const string MulticlassClassification = "MulticlassClassification";
        }

        public static class ScoreValueKind
        {
            public const string Score = "Score";
            public const string PredictedLabel = "PredictedLabel";
            public const string Probability = "Probability";
        }
    }
}
