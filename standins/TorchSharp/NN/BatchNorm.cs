using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Batch normalization (Ioffe and Szegedy, 2015) of (N, C) or (N, C, L).</summary>
    public sealed class BatchNorm1d : nn.Module<Tensor, Tensor>
    {
        private readonly double _eps;
        private readonly double _momentum;

        [ComponentName(Name = nameof(weight))]
        private Parameter _weight;

        [ComponentName(Name = nameof(bias))]
        private Parameter _bias;

        [ComponentName(Name = nameof(running_mean))]
        private Tensor _runningMean;

        [ComponentName(Name = nameof(running_var))]
        private Tensor _runningVar;

        [ComponentName(Name = nameof(num_batches_tracked))]
        private Tensor _numBatchesTracked;

        internal BatchNorm1d(long features, double eps, double momentum, bool affine, bool trackRunningStats)
            : base(nameof(BatchNorm1d))
        {
            _eps = eps;
            _momentum = momentum;
            (_weight, _bias) = BatchStatistics.Affine(features, affine);
            (_runningMean, _runningVar, _numBatchesTracked) = BatchStatistics.Running(features, trackRunningStats);
            RegisterComponents();
        }

        public Parameter? weight
        {
            get => _weight?.Another();
            set => ReplaceParameter(nameof(weight), ref _weight, value);
        }

        public Parameter? bias
        {
            get => _bias?.Another();
            set => ReplaceParameter(nameof(bias), ref _bias, value);
        }

        public Tensor? running_mean
        {
            get => _runningMean?.alias();
            set => ReplaceBuffer(nameof(running_mean), ref _runningMean, value);
        }

        public Tensor? running_var
        {
            get => _runningVar?.alias();
            set => ReplaceBuffer(nameof(running_var), ref _runningVar, value);
        }

        public Tensor? num_batches_tracked => _numBatchesTracked?.alias();

        internal override bool ConvertsIntegers => true;

        public void reset_running_stats() =>
            BatchStatistics.Reset(_runningMean, _runningVar, _numBatchesTracked);

        public override Tensor forward(Tensor tensor)
        {
            if (tensor.ndim is < 2 or > 3)
            {
                throw new ArgumentException(
                    $"Invalid number of dimensions for BatchNorm argument: {tensor.ndim}");
            }
            return BatchStatistics.Normalize(
                tensor, _weight, _bias, _runningMean, _runningVar, _numBatchesTracked, training, _momentum, _eps);
        }
    }

    /// <summary>Batch normalization (Ioffe and Szegedy, 2015) of (N, C, H, W).</summary>
    public sealed class BatchNorm2d : nn.Module<Tensor, Tensor>
    {
        private readonly double _eps;
        private readonly double _momentum;

        [ComponentName(Name = nameof(weight))]
        private Parameter _weight;

        [ComponentName(Name = nameof(bias))]
        private Parameter _bias;

        [ComponentName(Name = nameof(running_mean))]
        private Tensor _runningMean;

        [ComponentName(Name = nameof(running_var))]
        private Tensor _runningVar;

        [ComponentName(Name = nameof(num_batches_tracked))]
        private Tensor _numBatchesTracked;

        internal BatchNorm2d(long features, double eps, double momentum, bool affine, bool trackRunningStats)
            : base(nameof(BatchNorm2d))
        {
            _eps = eps;
            _momentum = momentum;
            (_weight, _bias) = BatchStatistics.Affine(features, affine);
            (_runningMean, _runningVar, _numBatchesTracked) = BatchStatistics.Running(features, trackRunningStats);
            RegisterComponents();
        }

        public Parameter? weight
        {
            get => _weight?.Another();
            set => ReplaceParameter(nameof(weight), ref _weight, value);
        }

        public Parameter? bias
        {
            get => _bias?.Another();
            set => ReplaceParameter(nameof(bias), ref _bias, value);
        }

        public Tensor? running_mean
        {
            get => _runningMean?.alias();
            set => ReplaceBuffer(nameof(running_mean), ref _runningMean, value);
        }

        public Tensor? running_var
        {
            get => _runningVar?.alias();
            set => ReplaceBuffer(nameof(running_var), ref _runningVar, value);
        }

        public Tensor? num_batches_tracked => _numBatchesTracked?.alias();

        internal override bool ConvertsIntegers => true;

        public void reset_running_stats() =>
            BatchStatistics.Reset(_runningMean, _runningVar, _numBatchesTracked);

        public override Tensor forward(Tensor tensor)
        {
            if (tensor.ndim != 4)
            {
                throw new ArgumentException(
                    $"Invalid number of dimensions for BatchNorm argument: {tensor.ndim}");
            }
            return BatchStatistics.Normalize(
                tensor, _weight, _bias, _runningMean, _runningVar, _numBatchesTracked, training, _momentum, _eps);
        }
    }

    /// <summary>What the batch normalizations share.</summary>
    internal static class BatchStatistics
    {
        internal static (Parameter Weight, Parameter Bias) Affine(long features, bool affine) => affine
            ? (Parameter.OfNativeModule(ones([features])), Parameter.OfNativeModule(zeros([features])))
            : (null, null);

        internal static (Tensor Mean, Tensor Variance, Tensor Batches) Running(long features, bool track) => track
            ? (zeros([features]), ones([features]), zeros([], ScalarType.Int64))
            : (null, null, null);

        internal static void Reset(Tensor mean, Tensor variance, Tensor batches)
        {
            if (mean is not null)
            {
                nn.init.zeros_(mean);
                nn.init.ones_(variance);
                nn.init.zeros_(batches);
            }
        }

        /// <summary>By the batch's statistics in training, or where none are kept; else by the running ones.</summary>
        internal static Tensor Normalize(
            Tensor input, Tensor weight, Tensor bias, Tensor mean, Tensor variance, Tensor batches, bool training,
            double momentum, double eps)
        {
            if (training)
            {
                batches?.add_(1);
            }
            return nn.functional.batch_norm(
                input, mean, variance, weight, bias, training || mean is null, momentum, eps);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static BatchNorm1d BatchNorm1d(
                long features, double eps = 1e-05, double momentum = 0.1, bool affine = true,
                bool track_running_stats = true, Device device = null, ScalarType? dtype = null) =>
                new BatchNorm1d(features, eps, momentum, affine, track_running_stats)
                .MoveModule<BatchNorm1d>(device, dtype);

            public static BatchNorm2d BatchNorm2d(
                long features, double eps = 1e-05, double momentum = 0.1, bool affine = true,
                bool track_running_stats = true, Device device = null, ScalarType? dtype = null) =>
                new BatchNorm2d(features, eps, momentum, affine, track_running_stats)
                .MoveModule<BatchNorm2d>(device, dtype);
        }
    }
}
