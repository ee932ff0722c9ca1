namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Up to the largest rate and down again, with momentum the other way round (Smith and Topin,
                /// "Super-convergence", 2018).</summary>
                public class OneCycleLR : LRScheduler
                {
                    public enum AnnealStrategy
                    {
                        Cos,
                        Linear,
                    }

                    private readonly record struct Phase(double EndStep, double[] Rates, double[] Momenta);

                    private readonly int _totalSteps;
                    private readonly bool _cycleMomentum;
                    private readonly AnnealStrategy _strategy;
                    private readonly Phase[] _phases;

                    public OneCycleLR(
                        Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1,
                        int steps_per_epoch = -1, double pct_start = 0.3,
                        AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true,
                        double base_momentum = 0.85, double max_momentum = 0.95, double div_factor = 25,
                        double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1,
                        bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        if (pct_start is < 0 or > 1)
                        {
                            throw new ArgumentException(
                                $"Expected float between 0 and 1 for pct_start, but got {pct_start}");
                        }
                        if (cycle_momentum && optimizer is not IMomentum and not IBetas)
                        {
                            throw new ArgumentException(
                                "optimizer must support momentum with `cycle_momentum` option enabled");
                        }
                        _totalSteps = total_steps > 0 ? total_steps : epochs * steps_per_epoch;
                        if (total_steps <= 0 && (epochs <= 0 || steps_per_epoch <= 0))
                        {
                            throw new ArgumentException(
                                "You must define either total_steps OR (epochs AND steps_per_epoch)");
                        }
                        _cycleMomentum = cycle_momentum;
                        _strategy = anneal_strategy;

                        double initial = max_lr / div_factor;
                        double minimum = initial / final_div_factor;
                        double peak = pct_start * _totalSteps - 1;
                        double[] down = [max_momentum, base_momentum];
                        double[] up = [base_momentum, max_momentum];
                        _phases = three_phase
                            ? [
                                new(peak, [initial, max_lr], down),
                                new(2 * pct_start * _totalSteps - 2, [max_lr, initial], up),
                                new(_totalSteps - 1, [initial, minimum], [max_momentum, max_momentum]),
                            ]
                            : [new(peak, [initial, max_lr], down), new(_totalSteps - 1, [max_lr, minimum], up)];
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch > _totalSteps)
                        {
                            throw new InvalidOperationException(
                                $"Tried to step {_last_epoch + 1} times. The specified number of total steps is {_totalSteps}");
                        }
                        int index = 0;
                        while (index < _phases.Length - 1 && _last_epoch > _phases[index].EndStep)
                        {
                            index++;
                        }
                        double start = index == 0 ? 0 : _phases[index - 1].EndStep;
                        double done = (_last_epoch - start) / (_phases[index].EndStep - start);
                        double rate = Between(_phases[index].Rates, done);
                        double momentum = Between(_phases[index].Momenta, done);
                        foreach (ILearningRateController group in _cycleMomentum ? _optimizer.ParamGroups : [])
                        {
                            if (group is IBetas betas)
                            {
                                betas.Betas = (momentum, betas.Betas.Item2);
                            }
                            else if (group is IMomentum heavy)
                            {
                                heavy.Momentum = momentum;
                            }
                        }
                        return _optimizer.ParamGroups.Select(_ => rate);
                    }

                    private double Between(double[] ends, double done) => _strategy == AnnealStrategy.Cos
                        ? ends[1] + (ends[0] - ends[1]) / 2 * (Math.Cos(Math.PI * done) + 1)
                        : ends[0] + (ends[1] - ends[0]) * done;
                }
            }
        }
    }
}
