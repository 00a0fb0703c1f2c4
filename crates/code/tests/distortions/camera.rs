//! A camera that looks at a code: turned, aslant, from afar, out of focus, in poor light, with
//! noise. All of it drawn from a seed, so that each run sees the same pictures.

use code::{GrayImage, Symbol};
use image::Luma;

/// How the camera sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Pixels a module has, in the middle of the code.
    pub(crate) module: f32,
    /// Degrees that the code is turned by.
    pub(crate) angle: f32,
    /// How much nearer one side is than the other: 0.2 is a side a fifth longer.
    pub(crate) slant: f32,
    /// Standard deviation of the blur, in pixels.
    pub(crate) blur: f32,
    /// Standard deviation of the noise, in shades of 255.
    pub(crate) noise: f32,
    /// What black and white look like, of 255.
    pub(crate) black: f32,
    pub(crate) white: f32,
    /// How much darker the far corner is: 0.5 is half the light.
    pub(crate) shade: f32,
    pub(crate) seed: u64,
}

impl View {
    pub(crate) const GOOD: View = View {
        width: 640,
        height: 480,
        module: 4.0,
        angle: 0.0,
        slant: 0.0,
        blur: 0.6,
        noise: 3.0,
        black: 20.0,
        white: 235.0,
        shade: 0.0,
        seed: 1,
    };
    /// The same camera with a larger picture, as most have today.
    pub(crate) const WIDE: View = View {
        width: 1280,
        height: 720,
        ..View::GOOD
    };
}

pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Evenly between 0 and 1.
    pub(crate) fn throw(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    /// About normal, with a standard deviation of one.
    fn normal(&mut self) -> f32 {
        let sum: f32 = (0..4).map(|_| self.throw()).sum();
        (sum - 2.0) * 3.0_f32.sqrt()
    }
}

/// The picture of a code in the middle of the view, on a grey desk.
pub(crate) fn look(code: &Symbol, view: View) -> GrayImage {
    let (width, modules) = code.modules();
    let dark = |x: f32, y: f32| {
        let inside = x >= 0.0 && y >= 0.0 && x < width as f32 && y < width as f32;
        inside && modules[y as usize * width + x as usize]
    };
    let paper = width as f32 / 2.0 + 4.0;
    let (sin, cos) = view.angle.to_radians().sin_cos();
    let mut dice = Dice::new(view.seed);
    let mut light = vec![0.0; (view.width * view.height) as usize];
    for y in 0..view.height {
        for x in 0..view.width {
            let mut sum = 0.0;
            for (dx, dy) in [
                (0.17, 0.17),
                (0.5, 0.17),
                (0.83, 0.17),
                (0.17, 0.5),
                (0.5, 0.5),
                (0.83, 0.5),
                (0.17, 0.83),
                (0.5, 0.83),
                (0.83, 0.83),
            ] {
                let u = (x as f32 + dx - view.width as f32 / 2.0) / view.module;
                let v = (y as f32 + dy - view.height as f32 / 2.0) / view.module;
                // Aslant: what is farther to the right is farther away.
                let far = 1.0 - view.slant * u / (2.0 * paper);
                let (u, v) = (u / far, v / far);
                let (u, v) = (u * cos + v * sin, v * cos - u * sin);
                sum += if u.abs() > paper || v.abs() > paper {
                    0.55
                } else if dark(u + width as f32 / 2.0, v + width as f32 / 2.0) {
                    0.0
                } else {
                    1.0
                };
            }
            light[(y * view.width + x) as usize] = sum / 9.0;
        }
    }
    let light = blurred(&light, view.width as usize, view.height as usize, view.blur);
    GrayImage::from_fn(view.width, view.height, |x, y| {
        let value = light[(y * view.width + x) as usize];
        let corner = (x + y) as f32 / (view.width + view.height) as f32;
        let shade = 1.0 - view.shade * corner;
        let seen = (view.black + value * (view.white - view.black)) * shade;
        Luma([(seen + view.noise * dice.normal()).clamp(0.0, 255.0) as u8])
    })
}

fn blurred(from: &[f32], width: usize, height: usize, sigma: f32) -> Vec<f32> {
    if sigma <= 0.0 {
        return from.to_vec();
    }
    let reach = (sigma * 3.0).ceil() as isize;
    let weights: Vec<f32> = (-reach..=reach)
        .map(|d| (-(d * d) as f32 / (2.0 * sigma * sigma)).exp())
        .collect();
    let total: f32 = weights.iter().sum();
    let pass = |from: &[f32], dx: isize, dy: isize| -> Vec<f32> {
        (0..from.len())
            .map(|at| {
                let (x, y) = ((at % width) as isize, (at / width) as isize);
                let sum: f32 = weights
                    .iter()
                    .enumerate()
                    .map(|(index, weight)| {
                        let d = index as isize - reach;
                        let x = (x + d * dx).clamp(0, width as isize - 1) as usize;
                        let y = (y + d * dy).clamp(0, height as isize - 1) as usize;
                        weight * from[y * width + x]
                    })
                    .sum();
                sum / total
            })
            .collect()
    };
    pass(&pass(from, 1, 0), 0, 1)
}
